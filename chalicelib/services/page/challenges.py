"""The picture and the spoken numbers on the review page: one use, this journey, thirty minutes."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import captcha
from chalicelib.domain.captcha import AnswerVerdict, Challenge
from chalicelib.domain.case import Case, CaseKind
from chalicelib.domain.errors import NotFound, Wrong
from chalicelib.domain.identities import case_id
from chalicelib.domain.journey import Journey
from chalicelib.domain.purposes import PAGE
from chalicelib.ports import Metrics, Randomness, Vault
from chalicelib.repositories.records import Records
from chalicelib.store import ConditionFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedChallenge:
    """What is drawn or spoken, from which seed; and what to say on the phone, after three misses.

    The same token gives the same picture and the same sound.
    """

    token: str
    code: str
    seed: bytes
    help_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenges:
    """What the picture on the review page needs of the world."""

    records: Records
    vault: Vault
    randomness: Randomness
    metrics: Metrics

    def new(self, journey_id: str, now: datetime) -> Challenge:
        """A fresh challenge of this journey; nothing is stored."""
        return captcha.new_challenge(self.randomness.bytes(16), journey_id, now, self.mac)

    def asked(self, journey: Journey, token: str, now: datetime) -> AskedChallenge:
        """The challenge that was shown, while it is unanswered; else a new one."""
        try:
            challenge = captcha.open_challenge(token, journey.journey_id, now, self.mac)
        except Wrong:
            challenge = self.new(journey.journey_id, now)
        return AskedChallenge(
            token=challenge.token,
            code=challenge.picture_code(self.mac),
            seed=self.mac(f"picture-seed|{challenge.token}"),
            help_reference=help_reference(journey),
        )

    def spoken(self, journey_id: str, token: str, now: datetime) -> AskedChallenge:
        """The numbers of a challenge. Raises NotFound for one not good here and now."""
        try:
            challenge = captcha.open_challenge(token, journey_id, now, self.mac)
        except Wrong:
            raise NotFound from None
        seed = self.mac(f"audio-seed|{token}")
        return AskedChallenge(token=token, code=challenge.audio_code(self.mac), seed=seed)

    def mac(self, text: str) -> bytes:
        """Signs tokens and makes their codes."""
        return self.vault.mac(PAGE, text)

    def judge(self, journey: Journey, token: str, answer: str, now: datetime) -> AnswerVerdict:
        """The verdict on an answer; a token is spent by its first one, right or wrong."""
        try:
            challenge = captcha.open_challenge(token, journey.journey_id, now, self.mac)
        except Wrong:
            return AnswerVerdict.EXPIRED
        right = challenge.is_answered_by(answer, self.mac)
        digest = self.mac(f"captcha-answer|{token}|{answer.strip().upper()}").hex()
        stands = self.records.journeys.spend_token(
            captcha.spent_id(token),
            digest,
            AnswerVerdict.RIGHT if right else AnswerVerdict.WRONG,
            now,
        )
        return AnswerVerdict(stands[1]) if stands[0] == digest else AnswerVerdict.USED

    def note(self, journey: Journey, verdict: AnswerVerdict, now: datetime) -> Journey:
        """Keeps that the challenge was solved or missed; three misses open a case (rule 16)."""
        if verdict is AnswerVerdict.RIGHT:
            changed = replace(journey, captcha_solved=True)
        else:
            changed = replace(journey, captcha_misses=journey.captcha_misses + 1)
            self.metrics.count("CaptchaMisses")
            if changed.captcha_misses == captcha.MISSES_BEFORE_HELP:
                self._open_case(changed, now)  # before the miss is kept: opened twice is once
        try:
            self.records.commit(self.records.journeys.changing(changed))
        except ConditionFailed:
            return self.records.journeys.get(journey.journey_id) or journey
        return replace(changed, version=changed.version + 1)

    def _open_case(self, journey: Journey, now: datetime) -> None:
        reference = help_reference(journey)
        self.records.cases.open_case(
            Case(
                case_id=case_id("captcha_help", reference),
                kind=CaseKind.CAPTCHA_HELP,
                enrollment_id=next(iter(journey.payment_ids), None),
                reason=f"{reference}: the member could not read the picture or hear the numbers",
                opened_at=now,
                phone=journey.draft.contact.phone if journey.draft.contact else None,
            )
        )


def help_reference(journey: Journey) -> str | None:
    """What a member who is stuck at the picture says on the phone, after three misses."""
    if journey.captcha_misses < captcha.MISSES_BEFORE_HELP:
        return None
    return f"P-{(journey.confirmation or '')[-4:]}"
