"""Every mail has a name that staff read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.mail_list import mail_kind
from printlab.mail.kinds import MailKind
from tests.workbench import STAFF, Workbench


@pytest.mark.parametrize("kind", MailKind)
def test_every_kind_of_mail_has_a_name(kind: MailKind, bench: Workbench) -> None:
    bench.submit()
    [mail] = bench.services.mail.outbox(STAFF)
    assert mail_kind(replace(mail, kind=kind.value)) != kind.value
