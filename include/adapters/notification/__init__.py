"""How people are told: mails rendered with Jinja2, sent by SMTP or written into a local folder."""
