"""What Airflow shows of this package as a provider: the connection types with their forms (entry point in pyproject).

Read by every Airflow process at its start, so nothing is imported here. Fields of `conn-fields` lie in the extra of the
connection, under the names that connections of the type `http` use too.
"""

from __future__ import annotations

from typing import Any

_TEXT = {"type": ["string", "null"]}
_SECRET = {"type": ["string", "null"], "format": "password"}


def get_provider_info() -> dict[str, Any]:
    """See Airflow's documentation, "Custom providers": `apache_airflow_provider`."""
    return {
        "package-name": "chorus-pro-connector",
        "name": "Chorus Pro",
        "description": "Sends the invoices of a document portal to Chorus Pro.",
        "connection-types": [_chorus_pro(), _chorus_portal()],
        "notifications": ["chorus_airflow.notifications.failed_run.FailedRunNotifier"],
    }


def _chorus_pro() -> dict[str, Any]:
    return {
        "connection-type": "chorus_pro",
        "hook-class-name": "chorus_airflow.hooks.chorus_pro.ChorusProHook",
        "hook-name": "Chorus Pro",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port"],
            "relabeling": {
                "login": "Technical account",
                "password": "Password of the technical account",  # pragma: allowlist secret
                "host": "Address (simulator or gateway only)",
            },
            "placeholders": {"login": "TECH_...@cpro.fr", "host": "https://chorus.example.org:8443"},
        },
        "conn-fields": {
            "piste_client_id": _field("PISTE client id", _TEXT),
            "piste_client_secret": _field("PISTE client secret", _SECRET),
            "certificate": _field("Certificate file", _TEXT, "Path on the workers; in place of PISTE."),
            "certificate_base64": _field(
                "Certificate content", _SECRET, "The file in base64 (`base64 -w0 client.p12`), in place of its path."
            ),
            "certificate_format": _field("Certificate format", {**_TEXT, "enum": ["p12", "pem", None]}),
            "certificate_password": _field("Certificate password", _SECRET),
            "environment": _field(
                "Environment",
                {**_TEXT, "enum": ["production", "qualification", "simulator", None]},
                "For Test connection, while no provider uses this connection.",
            ),
        },
    }


def _chorus_portal() -> dict[str, Any]:
    return {
        "connection-type": "chorus_portal",
        "hook-class-name": "chorus_airflow.hooks.chorus_portal.ChorusPortalHook",
        "hook-name": "Chorus document portal",
        "ui-field-behaviour": {
            "hidden-fields": ["schema", "port"],
            "relabeling": {
                "login": "Account",
                "password": "Password of the account",  # pragma: allowlist secret
                "host": "Address",
            },
            "placeholders": {"host": "https://portal.example.org:8443"},
        },
        "conn-fields": {
            "authentication": _field("Authentication", {**_TEXT, "enum": ["basic", "apikey", None]}),
            "api_key": _field("API key", _SECRET, "One that exists already; else it is asked for with the account."),
            "root_folder": _field(
                "Root folder", _TEXT, "Id of the folder to walk; else write `search` into the extra."
            ),
        },
    }


def _field(label: str, schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    return {"label": label, "description": description, "schema": schema}
