"""Why a hub refuses: one enum of codes, which clients translate, and the exception that carries one."""

from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Every reason a hub gives. The comment says what the person can do about it."""

    BAD_FRAME = "bad_frame"  # the client speaks another protocol: update it
    BAD_ARGS = "bad_args"  # `field` names the argument; args.why says what is wrong with it
    BAD_FILTER = "bad_filter"  # args.at says where it goes wrong, args.wants and args.instead how to mend it
    UNKNOWN_COMMAND = "unknown_command"  # update the hub or the client
    PROTO_UNSUPPORTED = "proto_unsupported"  # update the client, or the hub
    BAD_CREDENTIALS = "bad_credentials"  # login or password is wrong
    BAD_SIGNATURE = "bad_signature"  # args.why says what is wrong with the request's signature: sign it anew
    SECOND_FACTOR = "second_factor"  # the code of the second factor is needed; args.wrong: another one than this
    SIGNED_OUT = "signed_out"  # the token has ended: exchange it, or sign in again
    FORBIDDEN = "forbidden"  # args.verb is not granted: ask a supervisor
    NOT_FOUND = "not_found"  # args.what with args.id does not exist, or is out of sight
    ERASED = "erased"  # the customer was erased, and what you have of the conversation is to be forgotten
    WRONG_STATE = "wrong_state"  # args.state does not allow it: reload and look
    NOT_OWNER = "not_owner"  # the conversation is with args.owner now
    QUEUE_INACTIVE = "queue_inactive"  # the queue takes nothing any more: choose another
    QUEUE_FED = "queue_fed"  # args.channels bring customers into the queue: give these another queue first
    QUEUE_EMPTY = "queue_empty"  # nobody works in the queue: choose another, or have members added
    NOT_MEMBER = "not_member"  # the agent does not work in the queue: choose another of either
    AGENT_AWAY = "agent_away"  # the agent is offline: choose another, or transfer to the queue
    AGENT_FULL = "agent_full"  # the agent has args.load conversations, as many as may be given: choose another
    WINDOW_CLOSED = "window_closed"  # the channel's reply window is over: send a template or wait for the customer
    NEWER_LINE = "newer_line"  # the customer has written args.lines more lines since: look at them, then send again
    FORM_CHANGED = "form_changed"  # the queue's form is another now, args.version: fill in that one
    FORM_INCOMPLETE = "form_incomplete"  # args.missing are required and empty; args.topics: set a topic, too
    BAD_VALUE = "bad_value"  # `field` is not what the form asks for there; args.why says what is wrong
    EMPTY = "empty"  # `field` must not be empty
    TOO_LONG = "too_long"  # `field` has more than args.limit characters
    DUPLICATE = "duplicate"  # `field` is taken by another args.what
    KEY_REUSED = "key_reused"  # the command key was used before with other arguments
    RATE_LIMITED = "rate_limited"  # args.limit was exceeded: wait args.seconds
    TOO_LARGE = "too_large"  # args.limit allows args.most bytes: send less at once
    TOO_MANY = "too_many"  # args.limit allows args.most at a time: close what is not needed
    TOO_SLOW = "too_slow"  # args.limit allows args.most seconds: look at the line, and come back
    ORIGIN_REFUSED = "origin_refused"  # the site is not on the channel's list
    NOT_RETRYABLE = "not_retryable"  # only a failed or uncertain message can be sent again
    NOT_RECALLABLE = "not_recallable"  # the message has gone out already, or was recalled before
    WRONG_TYPE = "wrong_type"  # send JSON, with Content-Type: application/json
    WRONG_METHOD = "wrong_method"  # the address takes only the methods in the Allow header
    HUB_FAULT = "hub_fault"  # a mistake of the hub's own, in its log: the same command won't help; tell who runs it
    BUSY = "busy"  # the hub is stopping or out of room (args.why: disk_full): send again later


class Refused(Exception):
    """A command was refused; nothing has been written.

    `code` is what the client translates, `args` are its non-personal details, `field` the argument at fault, if one is.
    """

    def __init__(self, code: Code, *, field: str | None = None, **args: Any) -> None:
        super().__init__(code.value)
        self.code = code
        self.field = field
        self.detail: dict[str, Any] = args

    def __str__(self) -> str:
        at = f" ({self.field})" if self.field else ""
        return f"{self.code}{at} {self.detail or ''}".rstrip()
