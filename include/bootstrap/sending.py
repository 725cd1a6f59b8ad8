"""From a document to the platform: the pipeline with its stages, what a person does to a document, sending again."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable

from include.adapters.storage.store import Store
from include.application.intake.collect_documents import Collect
from include.application.intake.link_documents import link_documents
from include.application.intake.match_criteria import Match
from include.application.mapping.check_values import ValueCheck
from include.application.mapping.edit_document import DocumentEditing
from include.application.mapping.map_fields import Map
from include.application.mapping.search_directory import DirectorySearch
from include.application.notification.send_notifications import Notify
from include.application.notification.write_back import WriteBack
from include.application.pipeline import Pipeline
from include.application.ports.chorus import Chorus
from include.application.ports.clock import Clock
from include.application.ports.files import Files
from include.application.ports.mail import Mailer, Renderer
from include.application.ports.portal import DocumentPortal
from include.application.ports.reader import DocumentReader
from include.application.ports.sending_flow import SendingFlow
from include.application.reading.read_documents import Read
from include.application.reading.remote_reading import RemoteReader
from include.application.resend.bulk_actions import BulkActions
from include.application.resend.send_again import SendAgain
from include.application.submission.sending import Sending
from include.application.submission.submit import Submit
from include.application.views.filters import viewer_of
from include.bootstrap.notification import NotificationServices
from include.bootstrap.platform import PlatformServices, credential_health
from include.bootstrap.process import worker_name
from include.bootstrap.reading import ReadingServices
from include.domain.configuration import Configuration
from include.domain.errors import NotThereError
from include.domain.internal_errors import concerns_one_item
from include.domain.rights import Viewer

logger = logging.getLogger(__name__)

_SECONDS_OF_A_PASS = 60.0
"""That a pass gives to each request that a dead process left, before its own work."""


class SendingServices(PlatformServices, ReadingServices, NotificationServices):
    """Everything up to the submission of an invoice."""

    def begin_pass(self) -> Pipeline:
        """The pipeline for a new pass: what earlier passes learned takes effect first, so it counts in this one."""
        self.store.recipients.take_effect(now=self.clock.now())
        self.layout_learner().begin_pass()
        self.go_on_with_left()
        return self.pipeline()

    def go_on_with_left(self) -> None:
        """Ends what a person asked to be done with many documents where the process that was at it died.

        As the person who asked, with that person's rights as they are now; the rest of a long one waits for the next
        pass. An error that nobody foresaw costs the request, never the pass.
        """
        _, configuration = self.store.configuration.current()
        for request_id, actor in self.store.bulk_requests.left(now=self.clock.now()):
            actions = self.bulk_actions(viewer=viewer_of(configuration, actor), actor=actor)
            try:
                actions.go_on(request_id, seconds=_SECONDS_OF_A_PASS)
            except NotThereError:
                continue  # its time was over in this moment
            except Exception as error:  # nobody foresaw it: that of one request does not keep back the next
                if not concerns_one_item(error):
                    raise
                logger.exception("Request %d could not be gone on with", request_id)

    def pipeline(self) -> Pipeline:
        """All stages over the configuration as it stands now."""
        return build_pipeline(
            self.store,
            files=self.files,
            chorus=self.chorus,
            reader=self.reader,
            clock=self.clock,
            owner=worker_name(),
            open_portal=self.portal,
            mailer=self.mailer,
            renderer=self.renderer,
            sending=self.settings.sending,
        )

    @property
    def sending_off(self) -> bool:
        """Whether nothing may be submitted or corrected from here (CHORUS_SENDING)."""
        return not self.settings.sending

    def send_again(self, *, viewer: Viewer, actor: str | None = None) -> SendAgain:
        """Sending what a person chose; `actor` is that person, or who acts in this process, `viewer` what they see."""
        return build_send_again(self.store, self.pipeline(), actor=actor or self.settings.actor, viewer=viewer)

    def value_check(self, *, viewer: Viewer) -> ValueCheck:
        """What the values that this person types would make of an invoice."""
        pipeline = self.pipeline()
        return ValueCheck(
            assessments=self.store.assessments,
            documents=self.store.document_views,
            assessor=pipeline.map.assessor(look_around=False),
            revision=pipeline.map.revision,
            clock=self.clock,
            viewer=viewer,
        )

    def directory_search(self, *, viewer: Viewer) -> DirectorySearch:
        """The directory, as this person may ask it."""
        _, configuration = self.store.configuration.current()
        return DirectorySearch(
            cache=self.store.directory,
            recipients=self.store.recipients,
            providers=self.store.providers,
            chorus=self.chorus,
            configuration=configuration,
            clock=self.clock,
            viewer=viewer,
        )

    def bulk_actions(self, *, viewer: Viewer, actor: str, flow: SendingFlow | None = None) -> BulkActions:
        """What a person does to many documents at once; `flow` is what sends them, None: nothing is sent from here."""
        return BulkActions(
            requests=self.store.bulk_requests,
            documents_seen=self.store.document_views,
            candidates=self.store.resubmission,
            editing=lambda: self.document_editing(viewer=viewer, actor=actor),
            bring_up=lambda ids: self.pipeline().bring_up(ids),
            flow=flow,
            clock=self.clock,
            actor=actor,
            viewer=viewer,
            worker=worker_name(),
        )

    def document_editing(self, *, viewer: Viewer, actor: str | None = None) -> DocumentEditing:
        """What a person does to one document; left out, the person is whoever runs this process."""
        revision, configuration = self.store.configuration.current()
        return DocumentEditing(
            assessments=self.store.assessments,
            documents=self.store.document_views,
            files=self.files,
            viewer=viewer,
            chorus=self.chorus,
            configuration=configuration,
            revision=revision,
            clock=self.clock,
            actor=actor or self.settings.actor,
            learner=self.layout_learner(),
        )


def build_pipeline(
    store: Store,
    *,
    files: Files,
    chorus: Chorus,
    reader: DocumentReader,
    clock: Clock,
    owner: str,
    open_portal: Callable[[Configuration], DocumentPortal],
    mailer: Callable[[Configuration], Mailer],
    renderer: Callable[[Configuration], Renderer],
    sending: bool = True,
) -> Pipeline:
    """Each stage with the ports it needs, over the configuration that is stored now."""
    revision, configuration = store.configuration.current()
    portal = functools.partial(open_portal, configuration)
    link = functools.partial(link_documents, store.links, configuration, revision, clock, store.internal_errors)
    return Pipeline(
        collect=Collect(
            open_portal=portal,
            documents=store.documents,
            internal_errors=store.internal_errors,
            configuration=configuration,
            clock=clock,
        ),
        match=Match(
            open_portal=portal,
            documents=store.documents,
            files=files,
            link=link,
            internal_errors=store.internal_errors,
            configuration=configuration,
            revision=revision,
            clock=clock,
        ),
        read=Read(
            documents=store.documents,
            files=files,
            reader=reader,
            layouts=store.layouts,
            directory=store.directory,
            internal_errors=store.internal_errors,
            configuration=configuration,
            clock=clock,
        ),
        map=Map(
            assessments=store.assessments,
            directory=store.directory,
            providers=store.providers,
            recipients=store.recipients,
            chorus=chorus,
            link=link,
            internal_errors=store.internal_errors,
            remote=lambda ask: RemoteReader(
                readings=store.remote_readings,
                providers=store.providers,
                files=files,
                chorus=chorus,
                clock=clock,
                ask=ask,
            ),
            configuration=configuration,
            revision=revision,
            clock=clock,
        ),
        submit=Submit(
            sending=Sending(
                ledger=store.ledger,
                providers=store.providers,
                files=files,
                chorus=chorus,
                internal_errors=store.internal_errors,
                clock=clock,
                configuration=configuration,
                revision=revision,
                owner=owner,
                allowed=sending,
            ),
            corrections=store.corrections,
            candidates=store.resubmission,
            credentials=credential_health(store, chorus, clock, configuration),
        ),
        notify=Notify(
            outbox=store.outbox,
            mailer=mailer(configuration),
            renderer=renderer(configuration),
            internal_errors=store.internal_errors,
            configuration=configuration,
            clock=clock,
            owner=owner,
        ),
        write_back=WriteBack(
            open_portal=portal,
            write_backs=store.write_backs,
            internal_errors=store.internal_errors,
            configuration=configuration,
            clock=clock,
        ),
        configuration=configuration,
        clock=clock,
    )


def build_send_again(store: Store, pipeline: Pipeline, *, actor: str, viewer: Viewer) -> SendAgain:
    """Sending again through the stages of this pipeline."""
    return SendAgain(
        map=pipeline.map,
        submit=pipeline.submit,
        assessments=store.assessments,
        candidates=store.resubmission,
        requests=store.bulk_requests,
        documents_seen=store.document_views,
        invoices_seen=store.invoice_views,
        configuration=pipeline.configuration,
        clock=pipeline.clock,
        actor=actor,
        viewer=viewer,
    )
