"""What can be done to many documents from the list, tab by tab, in the order of the buttons."""

from __future__ import annotations

from collections.abc import Mapping

from include.application.resend.bulk_actions import BulkAction

_WORK = (BulkAction.SUBMIT, BulkAction.HOLD, BulkAction.REREAD, BulkAction.DISCARD)

ACTIONS: Mapping[str, tuple[BulkAction, ...]] = {
    "todo": _WORK,
    "ready": _WORK,
    "moving": (BulkAction.HOLD, BulkAction.REREAD, BulkAction.DISCARD),
    "held": (BulkAction.RELEASE,),
    "discarded": (BulkAction.RESTORE,),
    "all": (*_WORK[:2], BulkAction.RELEASE, *_WORK[2:], BulkAction.RESTORE),
    "ignored": (BulkAction.HOLD, BulkAction.DISCARD),
}
