"""`make faults-long` loses no year that ended."""

from pathlib import Path

from tests.faults import long
from tests.faults.matrix import Found

WRONG = ("I1 a cent is gone",)


def test_a_year_that_ended_is_read_not_played_again(tmp_path: Path) -> None:
    place, played = tmp_path / "commit.jsonl", []

    def act(point: str) -> Found:
        played.append(point)
        return Found("year", point, "12 months", WRONG if point == "year:2" else ())

    first = [long.play(act, place, point) for point in ("year:1", "year:2")]
    with place.open("a") as file:  # the machine went off while it wrote the third
        file.write('\n{"part": "year", "point": "ye')

    again = [long.play(act, place, point) for point in ("year:1", "year:2", "year:3")]

    assert again[:2] == first
    assert played == ["year:1", "year:2", "year:3"]
    assert [*long.written(place)] == played
    assert again[1].violations == WRONG
