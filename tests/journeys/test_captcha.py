"""The picture and the numbers on review (rule 16): one use, this journey, thirty minutes."""

import io
import re
import wave

import pytest
import requests

from tests.journeys.people import another_visit

NEW_PICTURE = (
    "That was not right. Enter the letters and numbers from the new picture, or listen to the new "
    "audio"
)


def token_of(answer):
    return re.search(r'name="captcha_token"[^>]*value="([^"]+)"', answer.html)[1]


def picture_of(answer):
    return re.search(r'src="(data:image/png;base64,[^"]+)"', answer.html)[1]


def answer_with(member, token, text):
    return member.post("/review", agree="yes", captcha_token=token, captcha_answer=text)


@pytest.fixture
def shown(person):
    return person.at_review()


def test_rule_16_the_picture_is_asked_for_on_review_only(person):
    for address in ("/", "/find"):
        assert "captcha" not in person.get(address).html
    person.found()
    assert "captcha" not in person.get("/contact").html
    person.contact()
    assert "captcha" not in person.get("/billing").html
    person.pays()
    assert "captcha_token" in person.get("/review").html


@pytest.mark.parametrize("which", ["picture", "audio"])
def test_rule_16_either_answer_counts_however_it_is_written(person, shown, which):
    token = token_of(shown)
    code = person.ask(f"/captcha/{token}")[which].lower()
    assert answer_with(person, token, f" {code[:3]}-{code[3:]} ").location == "/done"


def test_rule_16_a_wrong_answer_brings_a_new_picture_and_keeps_the_rest(person, shown):
    token = token_of(shown)
    answer = answer_with(person, token, "WRONG7")
    assert answer.status == 422
    assert NEW_PICTURE in answer.text
    assert token_of(answer) != token
    assert picture_of(answer) != picture_of(shown)
    assert re.search(r'name="agree"[^>]*checked', answer.html)
    assert 'name="captcha_answer" type="text" value=""' in answer.html
    assert person.payments == []


def test_rule_16_a_token_is_spent_by_its_first_answer(person, shown):
    token = token_of(shown)
    right = person.ask(f"/captcha/{token}")["picture"]
    assert answer_with(person, token, "WRONG7").status == 422
    assert answer_with(person, token, right).status == 422
    assert person.payments == []


def test_rule_16_a_token_of_another_journey_does_not_count(person, shown, join):
    other = join()
    theirs = token_of(other.at_review())
    answer = answer_with(person, theirs, other.ask(f"/captcha/{theirs}")["picture"])
    assert answer.status == 422
    assert person.payments == []


def test_rule_16_a_picture_older_than_thirty_minutes_does_not_count(person, shown, wait):
    token = token_of(shown)
    wait(minutes=20)
    assert person.get("/review").status == 200  # somebody is there
    wait(minutes=11)
    answer = answer_with(person, token, person.ask(f"/captcha/{token}")["picture"])
    assert answer.status == 422
    assert NEW_PICTURE in answer.text
    assert answer_with(
        person, token_of(answer), person.ask(f"/captcha/{token_of(answer)}")["audio"]
    ).location


@pytest.mark.parametrize("token", ["", "x", "é" * 50, "A" * 50, "a" * 5000])
def test_rule_16_a_token_that_is_none_does_not_count(person, shown, token):
    assert answer_with(person, token, "ACDEFH").status == 422
    assert person.payments == []


def test_rule_16_other_errors_come_first_and_spend_no_picture(person, shown):
    token = token_of(shown)
    answer = person.post("/review", captcha_token=token, captcha_answer="WRONG7")
    assert "Check the box to let us take this payment" in answer.text
    assert NEW_PICTURE not in answer.text
    assert token_of(answer) == token
    assert answer_with(person, token, person.ask(f"/captcha/{token}")["picture"]).location


def test_refresh_gives_a_new_picture_reports_no_errors_and_loses_nothing(person, shown):
    sent = person.post("/review", captcha_token=token_of(shown), agree="yes", refresh="yes")
    assert (sent.status, sent.location) == (303, "/review")
    fresh = person.get("/review")
    assert token_of(fresh) != token_of(shown)
    assert re.search(r'name="agree"[^>]*checked', fresh.html)
    assert "error-summary" not in fresh.html
    assert person.submit().location == "/done"


def test_rule_16_after_three_misses_there_is_a_person_to_call_and_a_case_for_staff(person, shown):
    token = token_of(shown)
    for miss in range(3):
        assert "say this reference" not in person.get("/review").text, miss
        token = token_of(answer_with(person, token, "WRONG7"))
    page = person.get("/review")
    assert "1-877-623-6765" in page.text
    reference = re.search(r"say this reference: (P-\w+)", page.text)[1]
    [case] = [case for case in person.ask("/cases") if reference in case["reason"]]
    assert case["kind"] == "captcha_help"
    assert case["enrollment_id"] == person.enrollment_id
    assert person.submit().location == "/done", "misses never lock"


def test_the_picture_cannot_be_read_from_the_page(person, shown):
    codes = person.ask(f"/captcha/{token_of(shown)}")
    for code in codes.values():
        assert code not in shown.html.replace(picture_of(shown), "")


class TestTheAudio:
    """It says digits of its own; the same token, the same bytes; in pieces where asked."""

    @pytest.fixture
    def listen(self, person, shown):
        url = f"{person.page}/captcha/{token_of(shown)}/audio"
        cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())

        def listen(**headers):
            return requests.get(url, headers={"Cookie": cookie, **headers}, timeout=10)

        return listen

    def test_it_is_a_sound_of_some_seconds(self, listen):
        answer = listen()
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/wav")
        with wave.open(io.BytesIO(answer.content)) as sound:
            assert 4 < sound.getnframes() / sound.getframerate() < 20

    def test_the_same_token_gives_the_same_bytes(self, listen):
        assert listen().content == listen().content

    def test_byte_ranges_are_answered(self, listen):
        whole = listen().content
        size = len(whole)
        for asked, part in (
            ("bytes=0-1", whole[:2]),
            ("bytes=100-", whole[100:]),
            ("bytes=-500", whole[-500:]),
            (f"bytes=10-{size * 2}", whole[10:]),
        ):
            answer = listen(Range=asked)
            assert answer.status_code == 206, asked
            assert answer.content == part, asked
            first = size - len(part) if asked != "bytes=0-1" else 0
            last = first + len(part) - 1
            assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{size}", asked
        beyond = listen(Range=f"bytes={size}-")
        assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
        for nonsense in ("bytes=", "bytes=5-2", "lines=1-2", "bytes=a-b"):
            assert listen(Range=nonsense).status_code in (200, 416), nonsense

    def test_another_journey_hears_nothing(self, person, shown):
        other = another_visit(person)
        other.found()
        assert other.get(f"/captcha/{token_of(shown)}/audio").status == 404
