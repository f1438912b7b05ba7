"""Delivery status notifications as mail servers write them."""

from __future__ import annotations

_POSTFIX = """\
From: MAILER-DAEMON@mx.example.edu (Mail Delivery System)
To: lab@print.example.edu
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.edu.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.edu

Final-Recipient: rfc822; jane@exmaple.edu
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <jane@exmaple.edu>: Recipient
    address rejected: User unknown

--b1
Content-Type: message/rfc822

From: Print Lab <lab@print.example.edu>
Message-ID: {message_id}
Subject: Job 1: we have your file

Hello Jane,
--b1--
"""
_EXCHANGE = """\
From: postmaster@outlook.example.com
To: lab@print.example.edu
Subject: Undeliverable: Job 1: we have your file
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b2"

--b2
Content-Type: text/html; charset=utf-8

<p>Your message could not be delivered.</p>
--b2
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR01.example.com

Final-Recipient: rfc822;jane@exmaple.edu
Action: {action}
Status: 5.1.10

--b2
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Job 1: we have your file

--b2--
"""


def postfix(message_id: str, action: str = "failed") -> bytes:
    """The whole mail is returned."""
    return _POSTFIX.format(message_id=message_id, action=action).encode()


def exchange(message_id: str, action: str = "failed") -> bytes:
    """The headers of the mail are returned; there is a status, and no word about it."""
    return _EXCHANGE.format(message_id=message_id, action=action).replace("\n", "\r\n").encode()
