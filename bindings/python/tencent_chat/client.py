"""`Client`: one method for each endpoint; its settings and its life are in `session`. Any number of threads may share one."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Literal, Mapping, Optional, Sequence, Tuple, Union

from . import _arguments, _call, bulk, results
from ._arguments import Duration
from ._library import library
from .bulk import BulkItem, BulkResult, ProgressBar
from ._options import CancelToken
from .contact import ASSIST_FLAGS, Account, Contact, Mark, accounts_given, contacts_given, conversation, marks_given
from .items import Items
from .response import Response, response_of
from .results import (
    AccountCheckResult,
    AccountDeleteResult,
    ContactGroupEntry,
    ContactGroupPage,
    CreateContactGroupResult,
    DelContactGroupResult,
    MarkContactResult,
    MultiaccountImportResult,
    RecentContactEntry,
    RecentContactPage,
    RecentContactPinResult,
    SearchContactGroupResult,
    UpdateContactGroupResult,
)
from .session import Session

#: What one call takes of a list, and so the length of a part when the list is split.
_MARKS, _CONTACTS, _PINS, _ACCOUNTS = 100, 300, 100, 100


class Client(Session):
    """A client of the Tencent Chat REST API for one app and one administrator.

    It keeps connections open and may be shared by any number of threads; make one and keep it. Close it, or use it in a
    ``with`` block. After a fork() the child makes its own: the parent's refuses calls there with ForkedError.
    Every method that names a vendor's command makes one call and takes

    - ``timeout``: seconds, or a `timedelta`, for this call, waiting and repeats included, instead of the client's;
    - ``random``: the request's number, 0 to 4294967295, by which the vendor's support finds it; else drawn;
    - ``cancel``: a `CancelToken` that may end the call from another thread.

    A call is repeated where that is right, up to `max_attempts` times in all: when nothing had been sent, after the service's
    passing errors, after a pause when it asks to slow down, and, when nobody knows whether an attempt took effect, for commands
    that may be done twice: all but ``create_contact_group``, ``account_delete`` and ``call``. `with_options` changes that for
    some calls.

    What any of them may raise, beside what its own docs name:

    - InvalidArgumentError, InvalidUtf8Error, TypeError: an argument breaks a rule. Nothing was sent.
    - AccountNotImportedError: `from_account` is not known to Chat (50001).
    - InvalidParameterError: the service refuses a parameter (50002, 40601, 70402).
    - AdminRequiredError: the identifier is no administrator (50003, 60010, 70403).
    - UserSigError, LockedOutError: the signature was refused (70001 and following).
    - PlanError: the plan lacks the feature (51013) or is not active (60020).
    - ThrottledError: the client's own `rate_limit` has no place for the call before its deadline.
    - RateExceededError: too many calls (60007, 60011). The service takes 200 a second of each command, 100 of the account
      commands for lists, from all processes of an app together.
    - ServiceError: any other refusal, such as 50004 and 50005, which may be repeated.
    - CallTimeoutError, TransportError, TlsError, HttpStatusError, ProtocolError: no usable answer came.
    - CancelledError, ShutdownError: a token, `shutdown` or `close` ended it.
    - ForkedError: the client was made before a fork().

    Lists whose items do not depend on each other may be longer than one call takes where ``split=True`` is offered: the
    list is then sent in parts, in order, and their results are joined. A failed item does not stop that; PartialError tells it
    at the end. Anything else does: the error's `result` holds what was answered, `items_done` says how far it came.
    `timeout` and `random` then count for each part.

    :param region: the app's data centre: ``china``, ``singapore``, ``seoul``, ``tokyo``, ``frankfurt``,
        ``silicon_valley``, ``jakarta`` or ``riyadh``. There is no default, and two are never mixed.
    :param base_url: a place of one's own instead of a region, such as ``https://host:port``. Plain ``http://`` is
        accepted for loopback hosts only.
    :param sdk_app_id: the app's SDKAppID.
    :param identifier: UserID of an app administrator, at most 32 bytes of printable ASCII.
    :param secret_key: the app's key as the console shows it; signatures are then made, cached and renewed here.
    :param user_sig: a ready signature for `identifier`, instead of the key.
    :param timeout: seconds a call may take in all. The service gives itself 3 seconds, so stay above that.
    :param attempt_timeout: seconds for one attempt (default 4).
    :param max_attempts: how often a call is tried at most, 1 (never repeated) to 10 (default 3).
    :param rate_limit: calls of one command in a second (default 200, what the service grants an app); 0 is no limit. N
        processes of one app set 200/N each. Half of them may leave at once, the others wait for their turn.
    :param shared_limit: ``(url, name)`` of a Redis or Valkey server, such as ``("redis://user:password@host:6379/0", "calls")``
        (``rediss://`` for TLS, ``redis+unix:///path`` for a socket), and of the limit there: all processes that name it share one `rate_limit`. The library has to
        be built with it (``make install FEATURES=redis``).
    :param shared_limit_fallback: calls of one command in a second while that server cannot be asked; 0, the default: such
        calls raise ThrottledError.
    :param use_standby: try the region's second documented host when no connection to the first can be made.
    :param standby_url: the same for a `base_url`: another way to the same data centre.
    :param connect_timeout: seconds for look-up, TCP, proxy and TLS handshake of a new connection.
    :param ca_file: a PEM file of CA certificates that replaces the built-in roots.
    :param add_ca_file: one PEM file, or several, trusted beside the others.
    :param proxy: ``http://[user:password@]host:port``, used with CONNECT. No environment variable is read.
    :param user_agent: added behind the library's own User-Agent; at most 256 printable ASCII characters.
    :param max_connections: connections, and so calls on the wire, at once (default 64). More callers wait.
    :param idle_timeout: seconds after which a connection that no call uses is closed (default 15).
    :param tcp_keepalive: seconds without traffic after which the system asks whether the other side lives; None: never.
    :param system_ca: trust the authorities of the system (Linux) in the place of the built-in ones.
    :param client_certificate: for a gateway that asks for one, the paths of two PEM files: certificates and private key.
    :param attempt_hook: told of each attempt when it ends, on the thread of the call, by a dict as in `Response.trace`.
    :param metric_labels: what each series of `Stats.prometheus` has beside its own labels, such as ``{"client": "orders"}``; the label
        ``client`` is a number of the process unless set.
    :param user_sig_lifetime: seconds that the signatures made here are valid (default a day, at least 60).
    :param allow_insecure_http: accept plain ``http://`` beyond loopback. Anybody on the way can then read the signature.
    :param local_limits: check the vendor's limits before sending. False: the service decides.
    :param logger: as `log_to`.
    :param call_hook: told of each call when it ended, as a logger is: ``call_hook(command, response, seconds)``, in the caller's
        context. An iteration tells of each page. `tencent_chat.opentelemetry` has one.

    :raises InvalidArgumentError: a value breaks a rule; the message names it.
    :raises ConfigError: settings are missing, contradict each other, or a CA file cannot be used.
    :raises TypeError: a value has a wrong type.
    """

    def create_contact_group(
        self,
        from_account: str,
        group_name: str,
        contacts: Optional[Iterable[Contact]] = (),
        *,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> CreateContactGroupResult:
        """Creates one conversation group of a user (v4/recentcontact/create_contact_group, vendor page 1047/53437).

        A user has at most 20 groups. A call that was in doubt and is repeated may meet its own first effect.

        :param from_account: UserID of the user whose group it becomes.
        :param group_name: its name, 1 to 64 bytes of UTF-8. Over 32 bytes older SDKs cannot show it.
        :param contacts: the conversations in it from the start, at most 100. They need not be in the user's list. Vendor
            pages before 2026 ask for one at least.

        :raises PartialError: some conversations were refused (51007: the chat group may be dismissed); see `result.items`.
        :raises LimitReachedError: 20 groups (51010), 1,000 conversations with groups (51008), over 100 in a call (51006).
        :raises GroupNameTooLongError: the service finds the name too long (51011).
        :raises InvalidParameterError: also for a name that the user has already (50002).
        """
        arguments = (
            _arguments.text("from_account", from_account),
            _arguments.text("group_name", group_name),
            contacts_given("contacts", () if contacts is None else contacts),
        )
        options = (timeout, random, cancel)
        return _call.run(self._caller, library.chat_create_contact_group, arguments, options, results.read_create)

    def update_contact_group_name(
        self,
        from_account: str,
        group_name: str,
        new_group_name: str,
        *,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> UpdateContactGroupResult:
        """Renames a conversation group (v4/recentcontact/update_contact_group, mode 1, vendor page 1047/53439).

        It keeps its number and its conversations.

        :param from_account: UserID of the group's owner.
        :param group_name: its name now, compared byte for byte.
        :param new_group_name: its name from now on, 1 to 64 bytes of UTF-8. Over 32 bytes older SDKs cannot show it.

        :raises GroupNotFoundError: the user has no group of that name (51009).
        :raises GroupNameTooLongError: the service finds a name too long (51011).
        :raises InvalidParameterError: also for a new name that another group has (50002).
        """
        arguments = (
            _arguments.text("from_account", from_account),
            _arguments.text("group_name", group_name),
            _arguments.text("new_group_name", new_group_name),
        )
        options = (timeout, random, cancel)
        return _call.run(self._caller, library.chat_update_contact_group_name, arguments, options, results.read_update)

    def update_contact_group_contacts(
        self,
        from_account: str,
        group_name: str,
        *,
        add: Optional[Iterable[Contact]] = (),
        remove: Optional[Iterable[Contact]] = (),
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> UpdateContactGroupResult:
        """Adds conversations to a conversation group and removes others from it, in one call
        (v4/recentcontact/update_contact_group, mode 2, vendor page 1047/53439).

        A conversation may be in several groups.

        :param from_account: UserID of the group's owner.
        :param group_name: its name, compared byte for byte.
        :param add: the conversations to add.
        :param remove: the conversations to remove. One at least and 100 at most in both together.

        :raises PartialError: some conversations were refused (51007: the chat group may be dismissed); see `result.items`.
        :raises GroupNotFoundError: the user has no group of that name (51009).
        :raises LimitReachedError: 1,000 conversations with groups (51008), over 100 in a call (51006).
        """
        arguments = (
            _arguments.text("from_account", from_account),
            _arguments.text("group_name", group_name),
            contacts_given("add", () if add is None else add),
            contacts_given("remove", () if remove is None else remove),
        )
        options = (timeout, random, cancel)
        return _call.run(self._caller, library.chat_update_contact_group_contacts, arguments, options, results.read_update)

    def del_contact_group(
        self,
        from_account: str,
        group_name: str,
        *,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> DelContactGroupResult:
        """Deletes one conversation group of a user (v4/recentcontact/del_contact_group, vendor page 1047/53441).

        The conversations in it stay, and so do their other groups. When an answer was lost and the repeat finds no such group,
        the call succeeds with `already_deleted`.

        :param from_account: UserID of the group's owner.
        :param group_name: its name, 1 to 64 bytes of UTF-8, compared byte for byte.

        :raises GroupNotFoundError: the user has no group of that name (51009).
        :raises GroupNameTooLongError: the service finds the name too long (51011).
        """
        arguments = (_arguments.text("from_account", from_account), _arguments.text("group_name", group_name))
        options = (timeout, random, cancel)
        return _call.run(self._caller, library.chat_del_contact_group, arguments, options, results.read_delete)

    def del_contact_groups(
        self,
        items: Iterable[Union[str, Sequence[str]]],
        group_name: Optional[str] = None,
        *,
        workers: int = 16,
        missing: Literal["ok", "fail"] = "ok",
        max_failures: Optional[int] = 100,
        progress: Union[ProgressBar, Callable[[BulkResult], object], None] = None,
        on_result: Optional[Callable[[BulkItem], object]] = None,
        timeout: Optional[Duration] = None,
        cancel: Optional[CancelToken] = None,
    ) -> BulkResult:
        """Deletes one group of each of very many users: `del_contact_group` for each item, several at a time.

        The items are taken one by one, on the caller's thread, when a worker is free for one; a generator of millions is never
        held. Each is repeated by the client's own rules and keeps to its `rate_limit`: give a run beside a live app a client of
        its own with half of the app's. A group that is not there and a user that Chat does not know are counted and are no
        failures. After a run that ended early, run it again with the same items: what is deleted counts as `missing`.

        The run ends early, and lets the calls under way come to their end, when a failure says that no call can succeed (key,
        signature, administrator, plan, address, certificate, client closed), after `max_failures`, and when the iterable or a
        function of yours raises. So it does on Ctrl-C, and what any other signal handler raises; once more ends the calls under
        way too. What then comes out has the result so far as its attribute ``result`` (KeyboardInterrupt as well), and
        ``on_result`` was told of each item taken.

        :param items: each a UserID, or a pair (tuple or list) of UserID and group name.
        :param group_name: the group of the items that are a UserID.
        :param workers: calls at a time; no more than `max_connections`.
        :param missing: whether 51009 is counted as `missing` (``ok``) or is a failure (``fail``).
        :param max_failures: failures, those in doubt included, after which the run ends; None: never.
        :param progress: after each item, a bar's ``update(1)``, or a function that is given the `BulkResult` up to now.
        :param on_result: a function that is given each item's `BulkItem`. Both are called on the run's threads, by one at a
            time, and should be quick: the run waits.
        :param timeout: seconds for each call.
        :param cancel: ends the run and its calls.

        :raises PartialError: the run came to its end, and some items failed or are in doubt; see `result`.
        :raises ChatError: the failure that ended the run, with `result`.
        :raises TypeError: an item is neither; the message names it by its place, from 0. The run ended, with ``result``.
        """
        return bulk.run(
            self,
            items,
            group_name,
            workers=workers,
            missing=missing,
            max_failures=max_failures,
            progress=progress,
            on_result=on_result,
            timeout=timeout,
            cancel=cancel,
        )

    def mark_contact(
        self,
        from_account: str,
        marks: Iterable[Mark],
        *,
        split: bool = False,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> MarkContactResult:
        """Sets and clears marks of conversations (v4/recentcontact/mark_contact, vendor page 1047/53438).

        Marks under 32 belong to Chat itself, 32 to 63 are the app's own; see `Mark`.

        :param from_account: UserID of the user whose conversations they are.
        :param marks: what to do to which conversation, 1 to 100 items.
        :param split: send more than 100 items in parts of 100.

        :raises PartialError: some conversations were refused (51007: the chat group may be dismissed); see `result.items`.
        :raises LimitReachedError: 1,000 conversations with marks (51008), over 100 in a call (51006).
        """
        arguments = (_arguments.text("from_account", from_account), marks_given("marks", marks))
        options = (timeout, random, cancel)
        read = results.read_marks
        return _call.run_in_parts(self._caller, library.chat_mark_contact, arguments, options, read, split, _MARKS)

    def search_contact_group(
        self,
        from_account: str,
        contacts: Iterable[Contact],
        *,
        split: bool = False,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> SearchContactGroupResult:
        """Looks up marks and groups of given conversations (v4/recentcontact/search_contact_group, vendor page 1047/53442).

        :param from_account: UserID of the user whose conversations they are.
        :param contacts: the conversations, 1 to 300. Those that have neither mark nor group are left out of the answer.
        :param split: send more than 300 items in parts of 300.
        """
        arguments = (_arguments.text("from_account", from_account), contacts_given("contacts", contacts))
        options = (timeout, random, cancel)
        read = results.read_search
        return _call.run_in_parts(self._caller, library.chat_search_contact_group, arguments, options, read, split, _CONTACTS)

    def get_contact_group(
        self,
        from_account: str,
        start_index: int = 0,
        *,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> ContactGroupPage:
        """Reads one page of a user's marks and groups (v4/recentcontact/get_contact_group, vendor page 1047/53440).

        `contact_group_items` goes through all pages. A complete answer is no proof of completeness when the plan's number of
        cloud conversations is exceeded.

        :param from_account: UserID of the user whose conversations they are.
        :param start_index: 0 for the first page, then `next_start_index` of the page before, until it is `complete`.
        """
        arguments = (_arguments.text("from_account", from_account), _arguments.cursor("start_index", start_index))
        options = (timeout, random, cancel)
        return _call.run(self._caller, library.chat_get_contact_group, arguments, options, results.read_page)

    def contact_group_items(
        self, from_account: str, *, timeout: Optional[Duration] = None, cancel: Optional[CancelToken] = None
    ) -> Items[ContactGroupEntry]:
        """Goes through all of a user's marks and groups, each conversation once (v4/recentcontact/get_contact_group).

        Sends nothing yet; each page is asked for when it is needed and may raise what a call raises. `complete` tells how it
        ended. A complete answer is no proof of completeness when the plan's number of cloud conversations is exceeded.

        :param from_account: UserID of the user whose conversations they are.
        :param timeout: seconds for each page instead of the client's.
        """
        user = _arguments.text("from_account", from_account)
        return Items(self._caller, library.chat_contact_group_items, user, results.read_entry, timeout, cancel)

    def recent_contact_get_list(
        self,
        from_account: str,
        *,
        time_stamp: int = 0,
        start_index: int = 0,
        top_time_stamp: int = 0,
        top_start_index: int = 0,
        assist_flags: int = ASSIST_FLAGS,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> RecentContactPage:
        """Reads one page of a user's conversation list (v4/recentcontact/get_list, vendor page 1047/43087).

        `recent_contact_items` goes through all pages. A complete answer is no proof of completeness when the plan's number of
        cloud conversations is exceeded.

        :param from_account: UserID of the user whose list it is.
        :param time_stamp: 0 for the first page, then that of the page before; so the next three, until it is `complete`.
        :param assist_flags: what the answer may hold; leave it unless you know better.
        """
        arguments = (
            _arguments.text("from_account", from_account),
            _arguments.cursor("time_stamp", time_stamp),
            _arguments.cursor("start_index", start_index),
            _arguments.cursor("top_time_stamp", top_time_stamp),
            _arguments.cursor("top_start_index", top_start_index),
            _arguments.unsigned("assist_flags", assist_flags),
        )
        options = (timeout, random, cancel)
        return _call.run(self._caller, library.chat_recent_contact_get_list, arguments, options, results.read_list)

    def recent_contact_items(
        self, from_account: str, *, timeout: Optional[Duration] = None, cancel: Optional[CancelToken] = None
    ) -> Items[RecentContactEntry]:
        """Goes through all of a user's conversation list, each conversation once (v4/recentcontact/get_list).

        Sends nothing yet; each page is asked for when it is needed and may raise what a call raises. `complete` tells how it
        ended. A complete answer is no proof of completeness when the plan's number of cloud conversations is exceeded.

        :param from_account: UserID of the user whose list it is.
        :param timeout: seconds for each page instead of the client's.
        """
        user = _arguments.text("from_account", from_account)
        return Items(self._caller, library.chat_recent_contact_items, user, results.read_recent, timeout, cancel)

    def recent_contact_delete(
        self,
        from_account: str,
        contact: Contact,
        *,
        clear_ramble: bool = False,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> Response:
        """Deletes one conversation from a user's conversation list (v4/recentcontact/delete, vendor page 1047/43088).

        Its groups and marks live apart and stay. Whether an absent conversation is an error is not documented.

        :param from_account: UserID of the user whose list it is.
        :param contact: the conversation.
        :param clear_ramble: delete the roaming messages as well.
        """
        user, which = _arguments.text("from_account", from_account), conversation("contact", contact)
        arguments = (user, *which, _arguments.flag("clear_ramble", clear_ramble))
        options = (timeout, random, cancel)
        return _call.run(self._caller, library.chat_recent_contact_delete, arguments, options, response_of)

    def recent_contact_pin(
        self,
        from_account: str,
        contacts: Iterable[Contact],
        *,
        split: bool = False,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> RecentContactPinResult:
        """Pins conversations to the top of a user's list (v4/recentcontact/top, vendor page 269/103772), 1 to 100 or with `split` more.

        :raises LimitReachedError: 50 pinned conversations (51012). One that is pinned already is no error.
        """
        arguments = (_arguments.text("from_account", from_account), contacts_given("contacts", contacts))
        options, read = (timeout, random, cancel), results.read_pin
        return _call.run_in_parts(self._caller, library.chat_recent_contact_pin, arguments, options, read, split, _PINS)

    def recent_contact_unpin(
        self,
        from_account: str,
        contacts: Iterable[Contact],
        *,
        split: bool = False,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> RecentContactPinResult:
        """Unpins conversations of a user's list, 1 to 100 or with `split` more. One that is not pinned is no error."""
        arguments = (_arguments.text("from_account", from_account), contacts_given("contacts", contacts))
        options, read = (timeout, random, cancel), results.read_pin
        return _call.run_in_parts(self._caller, library.chat_recent_contact_unpin, arguments, options, read, split, _PINS)

    def account_import(
        self,
        user_id: str,
        nick: Optional[str] = None,
        face_url: Optional[str] = None,
        *,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> Response:
        """Makes one user known to Chat (v4/im_open_login_svc/account_import, vendor page 1047/34953).

        Repeating it is no error.

        :param user_id: 1 to 32 bytes of UTF-8.
        :param nick: the nickname, at most 500 bytes (40601); None leaves it.
        :param face_url: the picture's URL, at most 500 bytes (40601); None leaves it.

        :raises LimitReachedError: 100 accounts on the free edition (70398).
        """
        arguments = (
            _arguments.text("user_id", user_id),
            _arguments.optional_text("nick", nick),
            _arguments.optional_text("face_url", face_url),
        )
        return _call.run(self._caller, library.chat_account_import, arguments, (timeout, random, cancel), response_of)

    def multiaccount_import(
        self,
        accounts: Iterable[Union[Account, str]],
        *,
        split: bool = False,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> MultiaccountImportResult:
        """Makes users known to Chat (v4/im_open_login_svc/multiaccount_import, vendor page 1047/34954).

        Repeating it is no error; an account that exists takes the new nickname and picture.

        :param accounts: 1 to 100, each an `Account` or a UserID.
        :param split: send more than 100 items in parts of 100.

        :raises PartialError: some accounts failed; see `result.fail_accounts` and `result.items`.
        :raises LimitReachedError: 100 accounts on the free edition (70398).
        """
        arguments, options = (accounts_given("accounts", accounts),), (timeout, random, cancel)
        return _call.run_in_parts(
            self._caller, library.chat_multiaccount_import, arguments, options, results.read_import, split, _ACCOUNTS
        )

    def account_check(
        self,
        accounts: Iterable[Union[Account, str]],
        *,
        split: bool = False,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> AccountCheckResult:
        """Asks which users Chat knows (v4/im_open_login_svc/account_check, vendor page 1047/34956).

        :param accounts: 1 to 100, each an `Account` or a UserID; only the UserIDs count.
        :param split: send more than 100 items in parts of 100.

        :raises PartialError: some accounts could not be checked; see `result.items`.
        """
        arguments, options = (accounts_given("accounts", accounts),), (timeout, random, cancel)
        return _call.run_in_parts(
            self._caller, library.chat_account_check, arguments, options, results.read_check, split, _ACCOUNTS
        )

    def account_delete(
        self,
        accounts: Iterable[Union[Account, str]],
        *,
        split: bool = False,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> AccountDeleteResult:
        """Deletes users with their conversations and groups (v4/im_open_login_svc/account_delete, vendor page 1047/34955).

        On paid editions the UserIDs cannot be imported again for three months.

        :param accounts: 1 to 100, each an `Account` or a UserID; only the UserIDs count.
        :param split: send more than 100 items in parts of 100.

        :raises PartialError: some accounts were not deleted (70107: there was none); see `result.items`.
        """
        arguments, options = (accounts_given("accounts", accounts),), (timeout, random, cancel)
        return _call.run_in_parts(
            self._caller, library.chat_account_delete, arguments, options, results.read_account_delete, split, _ACCOUNTS
        )

    def call(
        self,
        path: str,
        body: Optional[Mapping[str, Any]] = None,
        *,
        timeout: Optional[Duration] = None,
        random: Optional[int] = None,
        cancel: Optional[CancelToken] = None,
    ) -> Response:
        """Makes any call of the v4 REST API.

        :param path: ``v4/<service>/<command>`` in small letters, such as ``v4/openim/sendmsg``.
        :param body: the request's members in the vendor's names; None sends ``{}``. At most 8 MiB come back.

        :raises PartialError: the answer is OK as a whole, but an item in it has a `ResultCode` other than 0.
        :raises ValueError: the body holds NaN or infinity, or itself.
        :raises TypeError: the body holds something that has no place in JSON.
        """
        arguments: Tuple[object, ...] = (_arguments.text("path", path),)
        if body is None:
            arguments += (None, 0)
        else:
            written = _arguments.json_text("body", body)
            arguments += (written, len(written))
        return _call.run(self._caller, library.chat_call, arguments, (timeout, random, cancel), response_of)
