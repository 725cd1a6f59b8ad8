"""How people are told by mail."""

from __future__ import annotations

from include.adapters.notification.mailers import mailer_for
from include.adapters.notification.render import MailRenderer
from include.application.ports.mail import Mailer, Renderer
from include.bootstrap.storage import StorageServices
from include.domain.configuration import Configuration


class NotificationServices(StorageServices):
    """Rendering mails and sending them."""

    def mailer(self, configuration: Configuration) -> Mailer:
        """SMTP where the configuration has a mail section, else the local sink."""
        return mailer_for(configuration.mail, secrets=self.secrets, sink=self.settings.mail_folder, clock=self.clock)

    def renderer(self, configuration: Configuration) -> Renderer:
        """Mails as the configuration words them."""
        return MailRenderer(configuration)
