"""What a deployment decides: environment variables, checked once, named when missing."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from chalicelib.domain.ach.entries import Originator
from chalicelib.domain.adjustment import AdjustmentLimits
from chalicelib.domain.bank_limits import BankLimits
from chalicelib.domain.bank_profile import PROFILES, BankProfile
from chalicelib.domain.banking_days import ReturnWindow
from chalicelib.domain.due import DueDates
from chalicelib.domain.feed_judgement import FeedLimits

MOST_SIGNS = 300
UNFIT = "unfit"


def _fit_for_a_letter(text: str) -> str:
    """The text of a sentence, without the blanks around it. The error says why in our own words."""
    text = text.strip()
    for is_wrong, why in (
        (not text, "it is empty"),
        (len(text) > MOST_SIGNS, f"it is longer than {MOST_SIGNS} signs"),
        (not text.isprintable(), "it has a line end, or another sign that is not printed"),
        ("<" in text or ">" in text, "it has < or >"),
    ):
        if is_wrong:
            raise PydanticCustomError(UNFIT, why)
    return text


def _link_or_text(text: str) -> str:
    """An https address, or a text for a page. The error says why in our own words."""
    text = _fit_for_a_letter(text)
    if text.startswith("http:"):
        raise PydanticCustomError(UNFIT, "a link begins with https:")
    return text


LinkOrText = Annotated[str, AfterValidator(_link_or_text)]


class Settings(BaseModel):
    """One frozen page of settings; the table in README.md is held against it by a test."""

    model_config = ConfigDict(frozen=True)

    stage: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,11}$", description="Name of the stage, as tables carry it"
    )
    bucket: str = Field(description="S3 bucket of feeds, reports and bank files")
    sealed_bucket: str = Field(description="S3 bucket of sealed bank files, each locked for years")
    mail_queue_url: str = Field(description="SQS queue that wakes the mail sender")
    feed_queue_url: str = Field(description="SQS queue of feed parts to import")
    work_queue_url: str = Field(description="SQS queue of shards to work in a run")
    seal_key_id: str = Field(description="KMS key that wraps the keys of the vault")
    index_key_id: str = Field(
        description="KMS HMAC key that names Social Security numbers and bank accounts"
    )
    mail_from: str = Field(description="Sender of all e-mail, name and address")
    mail_configuration_set: str = Field(description="SES configuration set")
    public_url: str | None = Field(
        default=None, description="Address of the page, as letters name it; only they need it"
    )
    help_phone: str = Field(default="1-877-623-6765", description="Phone number of the exchange")
    debit_ceiling_cents: int = Field(
        # Nacha: no same-day entry above one million dollars.
        default=2_000_000,
        gt=0,
        le=100_000_000,
        description="Most cents of one debit (rule 13)",
    )
    due_extension_days: int = Field(
        default=0, ge=0, le=60, description="Days by which the 23rd is put off (rule 6)"
    )
    missed_month_text: Annotated[str, AfterValidator(_fit_for_a_letter)] = Field(
        default="If a month is not paid, your coverage can end.",
        description="What the mail after the due date says of a missed month (rule 44)",
    )
    privacy: LinkOrText | None = Field(
        default=None, description="The privacy notice: an https link, or a text"
    )
    accessibility: LinkOrText | None = Field(
        default=None, description="The accessibility statement: an https link, or a text"
    )
    terms: LinkOrText | None = Field(
        default=None, description="The terms of use: an https link, or a text"
    )
    captcha: Literal["always", "suspicious", "off"] = Field(
        default="always", description="When the review page shows a picture (rule 16)"
    )
    # A Literal of numbers takes no text, and the environment has nothing else.
    run_shards: Annotated[Literal[1, 2, 4, 8, 16, 32, 64], BeforeValidator(int)] = Field(
        default=64, description="Shards of a run: workers it may keep busy at once"
    )
    bank_queue_url: str = Field(description="SQS queue of what follows from the bank's files")
    bank_routing: str = Field(description="Routing number of our bank, the ODFI")
    bank_name: str = Field(description="Name of our bank, at most 23 signs")
    bank_company_id: str = Field(description="Our company id as agreed with the bank")
    company_name: str = Field(
        default="MA HEALTH CONN", description="What bank statements show, at most 16 signs"
    )
    bank_most_lines: int = Field(
        default=10_000, ge=10, description="Lines of a file, as the bank wants them"
    )
    bank_daily_limit_cents: int | None = Field(
        default=None, gt=0, description="Most cents of debits that the bank takes of us in a day"
    )
    bank_daily_files: int | None = Field(
        default=None, gt=0, description="Most files that the bank takes of us in a day"
    )
    bank_acknowledges: bool = Field(
        default=True, description="Whether nothing is paid before the bank says it has the file"
    )
    bank_return_days: int = Field(
        default=0, ge=0, le=5, description="Banking days that our bank's returns travel (rule 50)"
    )
    bank_profile: Literal["default", "gateway"] = Field(
        default="default", description="How our bank's files are wrapped, and what it leaves out"
    )
    bank_statements: bool = Field(
        default=False, description="Whether a payment is paid only on a bank statement (rule 48)"
    )
    bank_statement_account: str | None = Field(
        default=None, description="Our account, as statements name it; empty: the only one in them"
    )
    carry_over: bool = Field(
        default=True, description="Whether monthly payments may go on with the next plan (rule 42)"
    )
    feed_rows_a_part: int = Field(
        default=1000, gt=0, description="Rows of a feed that one worker imports at a time"
    )
    feed_least_rows: int = Field(
        default=20, gt=0, description="Rows from which on a feed may be held (rule 40)"
    )
    feed_most_percent: int = Field(
        default=5,
        ge=0,
        le=100,
        description="Most per cent of a feed's rejects, earlier ends, or enrollments missing",
    )
    feed_premium_factor: int = Field(
        default=2, gt=1, description="How far the premiums in a feed may grow or shrink at once"
    )
    feed_is_whole: bool = Field(
        default=False, description="Whether a feed has all enrollments, so that none may be missing"
    )

    adjustment_file_rows: int = Field(
        default=100, ge=0, description="Most adjustments of a file that nobody looks at (rule 36)"
    )
    adjustment_file_cents: int = Field(
        default=1_000_000, ge=0, description="Most cents of such a file, whatever their sign"
    )
    adjustment_typed_cents: int = Field(
        default=0, ge=0, description="Cents from which on a typed adjustment needs two people"
    )

    @property
    def originator(self) -> Originator:
        """We, as the bank knows us. Raises Wrong(<field>) where a setting has not its form."""
        return Originator(
            immediate_destination=self.bank_routing,
            immediate_destination_name=self.bank_name,
            immediate_origin=self.bank_company_id,
            immediate_origin_name=self.company_name,
            company_name=self.company_name,
            company_id=self.bank_company_id,
            odfi_id=self.bank_routing[:8],
        )

    @property
    def due(self) -> DueDates:
        """By when members pay."""
        return DueDates(self.due_extension_days)

    @property
    def limits(self) -> BankLimits:
        """How much the bank takes in a day."""
        return BankLimits(
            cents=self.bank_daily_limit_cents,
            files=self.bank_daily_files,
            most_lines=self.bank_most_lines,
        )

    @property
    def return_window(self) -> ReturnWindow:
        """How long money may come back before it is called paid."""
        return ReturnWindow(self.profile.return_days)

    @property
    def profile(self) -> BankProfile:
        """How our bank sends and takes files."""
        return replace(
            PROFILES[self.bank_profile],
            acknowledges=self.bank_acknowledges,
            return_days=self.bank_return_days,
        )

    @property
    def feed_limits(self) -> FeedLimits:
        """How much a feed may change."""
        return FeedLimits(
            least_rows=self.feed_least_rows,
            most_percent=self.feed_most_percent,
            premium_factor=self.feed_premium_factor,
            is_whole=self.feed_is_whole,
        )

    @property
    def adjustment_limits(self) -> AdjustmentLimits:
        """How much may be adjusted by one."""
        return AdjustmentLimits(
            file_rows=self.adjustment_file_rows,
            file_cents=self.adjustment_file_cents,
            typed_cents=self.adjustment_typed_cents,
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """An empty variable is as one that is not there: a template can't leave one out.

        Raises MissingSettings that names every variable missing or wrong, never its value; of a
        text it says why.
        """
        given = {name: text for name in cls.model_fields if (text := environ.get(name.upper()))}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            names = sorted({_named(each) for each in error.errors()})
            raise MissingSettings(f"set these variables rightly: {', '.join(names)}") from None


def _named(error: ErrorDetails) -> str:
    """The variable; why only in words of our own: others quote what was given."""
    name = str(error["loc"][0]).upper()
    return f"{name} ({error['msg']})" if error["type"] == UNFIT else name


class MissingSettings(RuntimeError):
    """The deployment lacks a setting; nothing works without."""
