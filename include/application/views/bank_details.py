"""Bank details of a supplier as people see them: names on the platform beside those of the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from include.domain.configuration import Provider
from include.domain.directory import SupplierAccount
from include.domain.reasons import Reason
from include.domain.submission_builder import account_named
from include.domain.values import fold


@dataclass(frozen=True, kw_only=True)
class BankDetailRow:
    """A name of bank details.

    `on_platform`: how many accounts there have it; `labels`: what means it in the configuration, beside being the
    `default`; `problem`: why an invoice that names it would not be taken.
    """

    name: str
    on_platform: int
    default: bool
    labels: tuple[str, ...]
    problem: Reason | None


def list_bank_details(provider: Provider, account: SupplierAccount) -> Iterator[BankDetailRow]:
    """Every name on the platform or in the configuration, what means it, and whether it fits exactly one account."""
    details = provider.bank_details
    names = [bank.name for bank in account.bank_accounts]
    names += [details.default] if details.default is not None else []
    names += [line.name for line in details.labels]
    for folded, name in {fold(name): name for name in reversed(names)}.items():
        labels = tuple(line.label for line in details.labels if fold(line.name) == folded)
        default = details.default is not None and fold(details.default) == folded
        found = account_named(name, account)
        yield BankDetailRow(
            name=name,
            on_platform=sum(fold(bank.name) == folded for bank in account.bank_accounts),
            default=default,
            labels=labels,
            problem=found if isinstance(found, Reason) and (default or labels) else None,
        )
