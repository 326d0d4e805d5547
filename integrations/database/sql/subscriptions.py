"""Subscriptions to calendars' notices in SQL."""

from sqlalchemy import delete, select

from integrations.database.sql.store import Store
from integrations.database.sql.tables import CursorRow, SubscriptionRow
from integrations.database.subscriptions import Position, SubscriptionRecord


class SqlSubscriptions:
    """Implements the Subscriptions port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, subscription: SubscriptionRecord) -> None:
        """Keeps the subscription as it is now."""
        with self._store.session() as session:
            session.merge(SubscriptionRow(**subscription.model_dump()))

    def forget(self, provider: str, subscription_id: str) -> None:
        """Removes a subscription."""
        gone = delete(SubscriptionRow).where(
            SubscriptionRow.provider == provider, SubscriptionRow.id == subscription_id
        )
        with self._store.session() as session:
            session.execute(gone)

    def of(self, provider: str, organizer: str) -> tuple[SubscriptionRecord, ...]:
        """All subscriptions of an organizer's calendar, newest first."""
        wanted = select(SubscriptionRow).where(
            SubscriptionRow.provider == provider, SubscriptionRow.organizer == organizer
        )
        with self._store.reading() as session:
            found = session.scalars(wanted.order_by(SubscriptionRow.made_at.desc(), SubscriptionRow.id))
            return tuple(SubscriptionRecord.model_validate(row, from_attributes=True) for row in found)

    def position(self, provider: str, organizer: str, number: int | None) -> Position | None:
        """The position of this number, or the oldest that is kept."""
        wanted = select(CursorRow).where(CursorRow.provider == provider, CursorRow.organizer == organizer)
        if number is not None:
            wanted = wanted.where(CursorRow.position == number)
        with self._store.reading() as session:
            row = session.scalar(wanted.order_by(CursorRow.position).limit(1))
            return Position(number=row.position, cursor=row.cursor) if row else None

    def advance(self, provider: str, organizer: str, position: Position) -> None:
        """Keeps a position and the one before it; drops older ones."""
        older = delete(CursorRow).where(
            CursorRow.provider == provider,
            CursorRow.organizer == organizer,
            CursorRow.position < position.number - 1,
        )
        row = CursorRow(
            provider=provider, organizer=organizer, position=position.number, cursor=position.cursor
        )
        with self._store.session() as session:
            session.merge(row)
            session.execute(older)
