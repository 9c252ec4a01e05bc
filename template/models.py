"""The beers and donuts in SQL. A new database starts with everything on the menu."""

import time

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from menu import BEERS, DONUTS


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
