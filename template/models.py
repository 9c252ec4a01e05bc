"""Beers and donuts in SQL, and the rows that a new database starts with."""

import time

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Beer(db.Model):
    """A beer. `hops` says how bitter it is, from 1 (hardly) to 5 (extremely)."""

    name: Mapped[str] = mapped_column(primary_key=True)
    brewer: Mapped[str]
    hops: Mapped[int]

    def to_dict(self) -> dict[str, str | int]:
        return {"name": self.name, "brewer": self.brewer, "hops": self.hops}


class Donut(db.Model):
    """A donut. `sugar` says how sweet it is, from 1 (hardly) to 3 (extremely)."""

    name: Mapped[str] = mapped_column(primary_key=True)
    sugar: Mapped[int]

    def to_dict(self) -> dict[str, str | int]:
        return {"name": self.name, "sugar": self.sugar}


BEERS = [
    {"name": "ipa", "brewer": "Hop Harbour", "hops": 5},
    {"name": "pale-ale", "brewer": "Hop Harbour", "hops": 4},
    {"name": "pilsner", "brewer": "Old Bridge", "hops": 3},
    {"name": "saison", "brewer": "Field and Barn", "hops": 3},
    {"name": "porter", "brewer": "Lantern Street", "hops": 2},
    {"name": "lager", "brewer": "Old Bridge", "hops": 2},
    {"name": "stout", "brewer": "Lantern Street", "hops": 2},
    {"name": "wheat", "brewer": "Field and Barn", "hops": 1},
]

DONUTS = [
    {"name": "old-fashioned", "sugar": 1},
    {"name": "sourdough", "sugar": 1},
    {"name": "cinnamon", "sugar": 1},
    {"name": "buttermilk", "sugar": 1},
    {"name": "glazed", "sugar": 2},
    {"name": "powdered", "sugar": 2},
    {"name": "blueberry", "sugar": 2},
    {"name": "apple", "sugar": 2},
    {"name": "jelly", "sugar": 3},
    {"name": "maple", "sugar": 3},
    {"name": "chocolate", "sugar": 3},
    {"name": "boston-cream", "sugar": 3},
]


def create_database(attempts: int = 5) -> None:
    """Create the tables and their rows if they don't exist.

    Two processes can start at the same time, and both find nothing. The slower one then fails,
    because a table or a row already exists. It tries again, and finds what the other one created.
    """
    for attempt in range(1, attempts + 1):
        try:
            db.create_all()
            if db.session.scalar(db.select(db.func.count()).select_from(Donut)) == 0:
                db.session.add_all([Beer(**row) for row in BEERS])
                db.session.add_all([Donut(**row) for row in DONUTS])
                db.session.commit()
            return
        except DBAPIError:
            db.session.rollback()
            if attempt == attempts:
                raise
            time.sleep(0.1 * attempt)
