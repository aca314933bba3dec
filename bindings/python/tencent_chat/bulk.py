"""What `Client.del_contact_groups` tells of each item and of the whole run; each item taken is counted once."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Protocol, Tuple

from ._values import Value, dataclass, field
from .errors import ChatError
from .response import Response

__all__ = ["BulkItem", "BulkResult"]

#: What may become of an item: the counts that a `BulkResult` begins with.
OUTCOMES = ("deleted", "already_deleted", "missing", "unknown", "failed", "in_doubt", "not_done")


class ProgressBar(Protocol):
    """What `progress` may be: tqdm's bars and many others have this."""

    def update(self, n: int, /) -> object:
        """So many items more have ended."""


@dataclass(frozen=True)
class BulkItem(Value):
    """What became of one item, given to ``on_result``."""

    #: Its place in the iterable, from 0.
    number: int
    #: As the iterable gave it.
    item: Any
    #: The name of the count in `BulkResult` that it is in: ``deleted``, ``already_deleted``, ``missing``, ``unknown``,
    #: ``failed``, ``in_doubt`` or ``not_done``.
    outcome: str
    #: Why it was not deleted; None when it was, and of an item that was never sent.
    error: Optional[ChatError] = None
    #: The last answer, as for its `random`; None when there was none.
    response: Optional[Response] = field(default=None, repr=False)
    #: Requests, repeats included.
    attempts: int = 0


@dataclass(frozen=True)
class BulkResult(Value):
    """What `Client.del_contact_groups` did, up to now or in all."""

    #: Groups that were deleted.
    deleted: int = 0
    #: Those whose first answer was lost, and whose repeat found no such group.
    already_deleted: int = 0
    #: The user has no such group (51009); with ``missing="fail"`` these are `failed`.
    missing: int = 0
    #: Chat does not know the user (50001).
    unknown: int = 0
    #: Refused, or not sent in time; the group is still there.
    failed: int = 0
    #: No answer came, and the group may be deleted or not: another run over the same items finds out.
    in_doubt: int = 0
    #: Taken from the iterable and not deleted, because the run ended.
    not_done: int = 0
    #: Requests, repeats included.
    attempts: int = 0
    #: Code -> how many of the items that are `failed` or `in_doubt`.
    failed_by_code: Mapping[int, int] = field(default_factory=dict)
    #: The first 100 of those items, in the order in which they ended. ``on_result`` is told of all.
    failures: Tuple[BulkItem, ...] = field(default=(), repr=False)

    @staticmethod
    def of(stopped: BaseException) -> BulkResult:
        """The result so far that an exception out of a run has as its attribute ``result``, which type checkers know of
        `ChatError` only.

        :raises TypeError: it did not come out of a run.
        """
        result = getattr(stopped, "result", None)
        if not isinstance(result, BulkResult):
            raise TypeError(f"this {type(stopped).__name__} did not come out of a run of del_contact_groups")
        return result

    @property
    def taken(self) -> int:
        """How many items came from the iterable: the sum of the first seven counts."""
        ended = self.deleted + self.already_deleted + self.missing + self.unknown
        return ended + self.failed + self.in_doubt + self.not_done
