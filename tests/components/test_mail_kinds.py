"""Every mail has a name that staff read, and a sentence that says when it is written."""

from __future__ import annotations

import pytest

from components.mail_names import mail_name, mail_occasion
from printlab.mail.kinds import MailKind


@pytest.mark.parametrize("kind", MailKind)
def test_every_kind_of_mail_has_a_name(kind: MailKind) -> None:
    assert mail_name(kind.value) != kind.value
    assert mail_occasion(kind.value).endswith(".")
