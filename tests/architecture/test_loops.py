"""What looks again at what others change has a bound; each other loop says what it follows."""

import ast

from tests.architecture.sources import modules, name, tree

LAYERS = ("services", "repositories", "adapters")
# Function -> what ends its loop. Who looks again uses `for _ in range(MOST_...)`, or `first_free`.
ENDS = {
    "adapters/bank_line._all": "the bytes of a file",
    "adapters/captcha_media/audio._over_babble": "the length of a sound",
    "adapters/dynamodb/store.query": "the pages of one query",
    "services/mail/mailing.sweep": "one reading of what waits",
    "services/monthly/passed_over.of": "the rows of a slot, in key order",
    "services/enrollment/holding._keep_effects": "the rows of a feed",
    "services/enrollment/judging.effects": "the rows of a feed",
    "services/monthly/rehearsal.slot": "the rows of a slot, in key order",
    "services/monthly/running._advance": "the slots of a shard",
    "services/monthly/running.work": "the checkpoint of a shard, which only moves on",
    "services/reconciliation/files._walk": "the entries of a file",
    "services/reconciliation/files._batch": "the entries of a file and the rows of a collection",
    "services/reconciliation/reading.ranked": "the entries of a file",
}


def loops():
    """Of each layer that reads what is kept: where `while` stands."""
    for path in (path for layer in LAYERS for path in modules(f"chalicelib/{layer}")):
        where = name(path).removeprefix("chalicelib/").removesuffix(".py")
        for function in ast.walk(tree(path)):
            if isinstance(function, ast.FunctionDef):
                yield from (
                    (f"{where}.{function.name}", loop)
                    for loop in ast.walk(function)
                    if isinstance(loop, ast.While)
                )


def test_every_loop_says_what_ends_it():
    assert {where for where, _ in loops()} == ENDS.keys()


def test_no_loop_is_for_ever():
    assert [where for where, loop in loops() if isinstance(loop.test, ast.Constant)] == []
