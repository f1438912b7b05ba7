"""What mails say: an admin tries words of the lab's own, sees the mail with them, and takes them or goes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlmodel import select

from printlab.db import Database
from printlab.domain.policy import Action, Actor, require
from printlab.domain.views import WordingView
from printlab.errors import Conflict, NotFound
from printlab.mail.compose import IS_TEST, Composer, Rendered
from printlab.mail.kinds import OPTIONAL, MailKind
from printlab.mail.samples import cases_of
from printlab.mail.wording import KEPT_AS, Wording, names_of
from printlab.models import MailWording, UserAccount
from printlab.services.history import new_event
from printlab.services.identity import authorise
from printlab.services.merging import ChangedMeanwhile
from printlab.services.outbox import Outbox, StaffMail


class Wordings:
    """For admins. What a mail was written with stays with it: a change is for the mails that are written after it."""

    def __init__(self, database: Database, composer: Composer, outbox: Outbox, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._composer = composer
        self._outbox = outbox
        self._clock = clock

    def all(self, actor: Actor) -> tuple[WordingView, ...]:
        """Every kind of mail, in the order of a job's way. Raises NotAllowed."""
        require(actor, Action.MANAGE_LAB)
        with self._database.read() as session:
            rows = {row.kind: row for row in session.exec(select(MailWording))}
        return tuple(_view(kind, rows.get(kind.value)) for kind in MailKind)

    def get(self, kind: str, actor: Actor) -> WordingView:
        """One kind of mail. Raises NotFound, NotAllowed."""
        require(actor, Action.MANAGE_LAB)
        with self._database.read() as session:
            return _view(_known(kind), session.get(MailWording, kind))

    def names(self, kind: str) -> dict[str, str]:
        """The facts that the words of this kind may name, each with an example. Raises NotFound."""
        return names_of(_known(kind)) | {f"lab.{name}": text for name, text in self._outbox.lab_facts().items()}

    @staticmethod
    def cases(kind: str) -> tuple[str, ...]:
        """The cases in which this kind of mail is written, the usual one first. Raises NotFound."""
        return tuple(cases_of(_known(kind)))

    def preview(self, kind: str, subject: str, body: str, case: str, actor: Actor) -> Rendered:
        """The mail in these words, about a job that does not exist.

        Raises InvalidInput, with the line, when they cannot be written in every case; NotFound, NotAllowed.
        """
        require(actor, Action.MANAGE_LAB)
        wording = _checked(_known(kind), subject, body)
        return self._composer.render(MailKind(kind), self._example(kind, case) | {KEPT_AS: asdict(wording)})

    def save(self, seen: WordingView, subject: str, body: str, actor: Actor) -> WordingView:
        """Write mails of this kind in these words from now on; the shipped ones are kept as none of the lab's own.

        Raises InvalidInput, with the line, NotAllowed, ChangedMeanwhile when somebody else changed it after ``seen``.
        """
        kind = _known(seen.kind)
        wording = _checked(kind, subject, body)
        return self._change(seen, actor, **_kept(kind, wording))

    def reset(self, seen: WordingView, actor: Actor) -> WordingView:
        """Go back to the words that PrintLab comes with. Raises NotAllowed, ChangedMeanwhile."""
        return self._change(seen, actor, subject=None, body=None)

    def switch(self, seen: WordingView, actor: Actor, *, is_on: bool) -> WordingView:
        """Send an optional mail from now on, or no more. Raises Conflict for another, NotAllowed, ChangedMeanwhile."""
        if not seen.is_optional:
            raise Conflict("Students rely on this mail; it cannot be switched off.")
        return self._change(seen, actor, is_on=is_on)

    def send_test(self, kind: str, subject: str, body: str, case: str, actor: Actor) -> str:
        """Send the mail in these words to the admin who asks; the address comes back.

        Raises InvalidInput, with the line, Conflict without a mail server or an account, NotAllowed.
        """
        wording = _checked(_known(kind), subject, body)
        if not self._outbox.sends:
            raise Conflict("No mail server is set up, so nothing can be sent. An operator sets PRINTLAB_SMTP_URL.")
        with self._database.write() as unit:
            now = self._clock()
            authorise(unit.session, actor, Action.MANAGE_LAB, now)
            user = unit.session.get(UserAccount, actor.user_id) if actor.user_id else None
            if user is None:
                raise Conflict("A test goes to the admin who asks for it: sign in to send one.")
            facts = self._example(kind, case) | {KEPT_AS: asdict(wording), IS_TEST: True}
            key = f"test:{user.id}:{uuid4().hex}"
            self._outbox.tell_staff(unit, StaffMail(MailKind(kind), user.email, user.name, key, now, "/", facts))
            return user.email

    def _example(self, kind: str, case: str) -> dict[str, Any]:
        cases = cases_of(_known(kind))
        return cases.get(case, cases["usual"]) | {"lab": self._outbox.lab_facts()}

    def _change(self, seen: WordingView, actor: Actor, **values: Any) -> WordingView:
        kind = _known(seen.kind)
        with self._database.write() as unit:
            session, now = unit.session, self._clock()
            authorise(session, actor, Action.MANAGE_LAB, now)
            row = session.get(MailWording, kind.value, with_for_update=True)
            if (row and row.changed_at) != seen.changed_at:
                raise ChangedMeanwhile
            row = row or MailWording(kind=kind.value, is_on=kind not in OPTIONAL, changed_at=now, changed_by=actor.name)
            before = row.model_dump()
            row.sqlmodel_update({**values, "changed_at": now, "changed_by": actor.name})
            session.add(row)
            event = new_event(actor, "mail wording changed", now)
            event.changes = {f"{kind.value} {name}": [before[name], value] for name, value in values.items()}
            session.add(event)
            session.flush()
            return _view(kind, row)


def _checked(kind: MailKind, subject: str, body: str) -> Wording:
    wording = Wording(" ".join(subject.split()), body.replace("\r\n", "\n").strip("\n"))
    wording.check(kind)
    return wording


def _kept(kind: MailKind, wording: Wording) -> dict[str, str | None]:
    if wording == Wording.shipped(kind):
        return {"subject": None, "body": None}
    return asdict(wording)


def _known(kind: str) -> MailKind:
    try:
        return MailKind(kind)
    except ValueError:
        raise NotFound(f"There is no mail “{kind}”.") from None


def _view(kind: MailKind, row: MailWording | None) -> WordingView:
    shipped = Wording.shipped(kind)
    return WordingView(
        kind=kind.value,
        subject=(row and row.subject) or shipped.subject,
        body=(row and row.body) or shipped.body,
        is_own=row is not None and row.body is not None,
        is_optional=kind in OPTIONAL,
        is_on=kind not in OPTIONAL if row is None else row.is_on,
        changed_by=row and row.changed_by,
        changed_at=row and row.changed_at,
    )
