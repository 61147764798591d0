from tests.faults.matrix import Found

NAME = "down"


def points():
    return []


def play(text): ...
