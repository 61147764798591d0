"""What leaves for a member's mailbox, byte by byte."""

import base64
from email import message_from_bytes
from email.policy import default

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.mailer import SesMailer
from chalicelib.domain.mail import mail_id_of
from chalicelib.ports import MailRefused
from infra.offline.faults import Kind
from tests.builders import a_letter, a_mail

quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
breaking = st.text(st.sampled_from("aZ é\r\n\v\f\x1c\u2028\x00:,<>@.\"'\\Bcc"), max_size=30)


def opened(sent):
    """The message as a mail program reads it."""
    return message_from_bytes(raw(sent), policy=default)


def raw(sent):
    return base64.b64decode(sent["Content"]["Raw"]["Data"])


@pytest.fixture
def mailer(aws):
    return SesMailer(
        aws.ses,
        sender=aws.environment["MAIL_FROM"],
        configuration_set=aws.environment["MAIL_CONFIGURATION_SET"],
    )


@pytest.fixture
def delivered(aws, mailer):
    """Sends, and reads what went out as a mail program does."""

    def delivered(mail=None, letter=None):
        mailer.send(mail or a_mail(), letter or a_letter())
        return opened(aws.sent()[-1]), aws.sent()[-1]

    return delivered


def test_a_letter_goes_out_as_text_and_html(delivered):
    message, _ = delivered(letter=a_letter(text="Señora, $424.80\n", html="<p>Señora</p>\n"))
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), text.get_content()) == ("text/plain", "Señora, $424.80\r\n")
    assert (html.get_content_type(), html.get_content()) == ("text/html", "<p>Señora</p>\r\n")


def test_its_headers_say_who_and_what(delivered):
    message, sent = delivered(letter=a_letter(subject="Your payment of $424.80 \u2013 José"))
    assert message["From"] == "Massachusetts Health Connector <payments@example.org>"
    assert message["To"] == "maria@example.com"
    assert message["Subject"] == "Your payment of $424.80 \u2013 José"
    assert message["Message-ID"] == "<confirmation.HC-7K4M-92QX@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert sent["Destination"] == {"ToAddresses": ["maria@example.com"]}


def test_a_second_copy_has_the_same_message_id(delivered):
    assert delivered()[0]["Message-ID"] == delivered()[0]["Message-ID"]


def test_a_bounce_will_name_the_mail_and_its_day(aws, mailer):
    mailer.send(a_mail(), a_letter())
    sent = aws.sent()[-1]
    assert {tag["Name"]: tag["Value"] for tag in sent["EmailTags"]} == {
        "mail_id": "confirmation_2e_HC-7K4M-92QX",  # SES takes no dot in a tag
        "day": "2026-12-03",
    }
    assert mail_id_of("confirmation_2e_HC-7K4M-92QX") == "confirmation.HC-7K4M-92QX"
    assert sent["ConfigurationSetName"] == "premium-pay-offline"


def test_every_line_is_short_enough_for_smtp(delivered):
    _, sent = delivered(letter=a_letter(text="word " * 4000, html="<p>" + "x" * 5000 + "</p>"))
    assert max(len(line) for line in raw(sent).split(b"\r\n")) <= 998


@given(subject=breaking)
@quick
def test_no_subject_adds_a_header(delivered, subject):
    message, sent = delivered(letter=a_letter(subject=subject))
    assert set(message.keys()) <= HEADERS
    assert sent["Destination"] == {"ToAddresses": ["maria@example.com"]}


HEADERS = {
    *("From", "To", "Subject", "Message-ID", "Auto-Submitted", "Content-Language"),
    *("MIME-Version", "Content-Type"),
}


@given(address=breaking)
@quick
def test_no_address_adds_a_header_or_a_second_recipient(aws, mailer, address):
    before = len(aws.sent())
    try:
        mailer.send(a_mail(to=f"maria{address}@example.com"), a_letter())
    except Exception:  # noqa: BLE001 - refused, in whatever words
        assert len(aws.sent()) == before
        return
    message = opened(aws.sent()[-1])
    assert set(message.keys()) <= HEADERS
    assert len(message["To"].addresses) == 1


@pytest.mark.parametrize(
    "address",
    [
        *("maria@example.com\r\nBcc: thief@example.com", "maria@example.com\nBcc: a@example.com"),
        *("maria@example.com, thief@example.com", "maria@example.com\x00", "maria", ""),
    ],
)
def test_an_address_that_is_none_is_refused_for_ever(aws, mailer, address):
    with pytest.raises(MailRefused):
        mailer.send(a_mail(to=address), a_letter())
    assert aws.sent() == []


def test_what_ses_never_takes_is_refused(mailer, aws):
    stranger = SesMailer(
        aws.ses, sender="x@stranger.example.net", configuration_set="premium-pay-offline"
    )
    with pytest.raises(MailRefused):
        stranger.send(a_mail(), a_letter())


@pytest.mark.parametrize("kind", [Kind.THROTTLED, Kind.HTTP_500])
def test_what_ses_does_not_take_now_may_be_tried_again(aws, mailer, kind):
    aws.engine.plan_fault(1, kind, times=20)
    with pytest.raises(ClientError):
        mailer.send(a_mail(), a_letter())
    aws.engine.forget_faults()
    mailer.send(a_mail(), a_letter())
    assert len(aws.sent()) == 1
