"""The last step: what would be taken is shown as it stands at one moment; then it is submitted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.captcha import AnswerVerdict
from chalicelib.domain.draft import Step
from chalicelib.domain.journey import Journey, Shown
from chalicelib.domain.paying import Standing
from chalicelib.domain.payment import Submission
from chalicelib.repositories.records import Records
from chalicelib.services.page.challenges import AskedChallenge, Challenges
from chalicelib.services.page.finding import Finding
from chalicelib.services.page.moment import at_one_moment
from chalicelib.services.page.paying import LetterFacts, NotAsShown, Paying
from chalicelib.services.page.submission import ClientInfo
from chalicelib.services.page.visits import Visits

AuthorizationText = Callable[[Journey, Sequence[Standing], Shown], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What Submit will take of this journey, and what must be answered first."""

    journey: Journey
    shown: Shown
    standings: Sequence[Standing]
    challenge: AskedChallenge | None
    bank_name: str | None  # as the directory calls it


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitForm:
    """What the member sent from review; `is_as_shown`: from a page that showed just this."""

    typed: Mapping[str, str]
    wants_another: bool  # picture
    agrees: bool
    is_as_shown: bool
    token: str
    answer: str
    client: ClientInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What the door has texts for: the authorization, and the letter that confirms it."""

    authorization_text: AuthorizationText
    letter_facts: LetterFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitResult:
    """Where the journey goes on; or review again, with box and code of what is wrong."""

    goes_to: str = Step.DONE
    says: str = ""  # code of what is said there
    review: Review | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """What showing and submitting need of the world."""

    records: Records
    visits: Visits
    finding: Finding
    paying: Paying
    challenges: Challenges
    debit_ceiling_cents: int
    captcha: str  # always, suspicious, off

    def show(
        self, journey: Journey, token: str, authorization_text: AuthorizationText, now: datetime
    ) -> Review | None:
        """Fixes what Submit will take. None: nothing can be taken, or not from this account."""

        def look() -> tuple[Sequence[Standing], Shown]:
            found = self.finding.standings(journey, now)
            return found, self.paying.would_take(journey, found, now)

        if self.paying.fault(journey):  # since step 4: it says what is wrong, at the box
            return None
        standings, wanted = at_one_moment(look)
        fixed = self.paying.show_review(
            journey, wanted, lambda shown: authorization_text(journey, standings, shown), now
        )
        shown = fixed.shown
        if shown is None or not shown.can_be_taken(self.debit_ceiling_cents):
            return None
        asked = self.challenges.asked(fixed, token, now) if self._must_answer(fixed) else None
        account = fixed.draft.account
        bank_name = self.records.routing.bank_name(account.routing) if account else None
        return Review(
            journey=fixed, shown=shown, standings=standings, challenge=asked, bank_name=bank_name
        )

    def submit(
        self,
        journey: Journey,
        form: SubmitForm,
        texts: Texts,
        now: datetime,
    ) -> SubmitResult:
        """Submits once; whoever sends it again has the same payment."""
        if form.wants_another:
            draft = journey.draft.with_typed(Step.REVIEW, form.typed)
            self.visits.save(journey, draft, now)  # overtaken or not, review is shown again
            return SubmitResult(goes_to=Step.REVIEW)
        submitted = journey
        journey, errors = self._submitted(journey, form, texts.letter_facts, now)
        if journey.ended_at:
            return SubmitResult(goes_to="/", says="visit_ended")
        if journey.number != submitted.number:
            return SubmitResult(goes_to=journey.place, says="another_journey")
        if not errors:
            return SubmitResult()
        # After a wrong answer another picture.
        token = "" if "captcha_wrong" in errors.values() else form.token
        review = self.show(journey, token, texts.authorization_text, now)
        return SubmitResult(goes_to=Step.BILLING, review=review, errors=errors)

    def payment(self, journey: Journey) -> Submission | None:
        """What was submitted last in this visit."""
        receipt = journey.last_receipt
        return self.records.books.submission(receipt) if receipt else None

    def _submitted(
        self, journey: Journey, form: SubmitForm, letter_facts: LetterFacts, now: datetime
    ) -> tuple[Journey, Mapping[str, str]]:
        """The journey as it stands then, and the code of what is wrong, by box."""
        standings = self.finding.standings(journey, now)
        must_answer = self._must_answer(journey)
        errors = {} if form.agrees else {"agree": "agree"}
        if journey.repeats(standings):
            won = self.records.journeys.get(journey.journey_id)
            if won and journey.number in won.all_receipts:  # what was paid meanwhile is this
                return journey, {}
            errors["form"] = "paid_meanwhile"
        if must_answer and not form.answer.strip():
            errors["captcha_answer"] = "captcha"
        if not errors and not form.is_as_shown:  # another tab has changed it since
            errors["agree"] = NotAsShown.code
        if errors:
            return journey, errors
        if must_answer:
            verdict = self.challenges.judge(journey, form.token, form.answer, now)
            if verdict is not AnswerVerdict.RIGHT:
                return self._missed(journey, verdict, now)
        try:
            self.paying.submit(journey, standings, form.client, letter_facts, now)
        except NotAsShown as no:
            if must_answer:  # one right answer holds for the journey (rule 16)
                journey = self.challenges.note(journey, AnswerVerdict.RIGHT, now)
            journey = self.records.journeys.get(journey.journey_id) or journey
            return journey, {"agree": no.code}
        return journey, {}

    def _missed(
        self, journey: Journey, verdict: AnswerVerdict, now: datetime
    ) -> tuple[Journey, Mapping[str, str]]:
        noted = self.challenges.note(journey, verdict, now)
        return noted, {} if noted.submitted_at else {"captcha_answer": "captcha_wrong"}

    def _must_answer(self, journey: Journey) -> bool:
        """Whether this journey must still answer a challenge (rule 16)."""
        always = self.captcha == "always"
        asked = always or (self.captcha == "suspicious" and journey.suspicious)
        return asked and not journey.captcha_solved
