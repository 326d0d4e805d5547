"""Facts of Microsoft Graph v1.0's CSDL: the types our requests are made of, and what they may hold."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.integrations.calendars.wire import Refused

# Property -> type; [] is a collection, ! may not be null. Base types are written out.
TYPES: Mapping[str, Mapping[str, str]] = {
    "event": {
        "allowNewTimeProposals": "Boolean",
        "attendees": "[attendee]",
        "body": "itemBody",
        "bodyPreview": "String",
        "categories": "[String]",
        "changeKey": "String",
        "createdDateTime": "DateTimeOffset",
        "end": "dateTimeTimeZone",
        "hasAttachments": "Boolean",
        "hideAttendees": "Boolean",
        "iCalUId": "String",
        "id": "String!",
        "importance": "importance",
        "isAllDay": "Boolean",
        "isCancelled": "Boolean",
        "isDraft": "Boolean",
        "isOnlineMeeting": "Boolean",
        "isOrganizer": "Boolean",
        "isReminderOn": "Boolean",
        "lastModifiedDateTime": "DateTimeOffset",
        "location": "location",
        "locations": "[location]",
        "onlineMeeting": "onlineMeetingInfo",
        "onlineMeetingProvider": "onlineMeetingProviderType",
        "onlineMeetingUrl": "String",
        "organizer": "recipient",
        "originalEndTimeZone": "String",
        "originalStart": "DateTimeOffset",
        "originalStartTimeZone": "String",
        "reminderMinutesBeforeStart": "Int32",
        "responseRequested": "Boolean",
        "responseStatus": "responseStatus",
        "sensitivity": "sensitivity",
        "seriesMasterId": "String",
        "showAs": "freeBusyStatus",
        "singleValueExtendedProperties": "[singleValueLegacyExtendedProperty]",
        "start": "dateTimeTimeZone",
        "subject": "String",
        "transactionId": "String",
        "type": "eventType",
        "webLink": "String",
    },
    "attendee": {
        "emailAddress": "emailAddress",
        "proposedNewTime": "timeSlot",
        "status": "responseStatus",
        "type": "attendeeType",
    },
    "recipient": {"emailAddress": "emailAddress"},
    "emailAddress": {"address": "String", "name": "String"},
    "dateTimeTimeZone": {"dateTime": "String!", "timeZone": "String"},
    "timeSlot": {"end": "dateTimeTimeZone!", "start": "dateTimeTimeZone!"},
    "responseStatus": {"response": "responseType", "time": "DateTimeOffset"},
    "itemBody": {"content": "String", "contentType": "bodyType"},
    "location": {
        "displayName": "String",
        "locationEmailAddress": "String",
        "locationUri": "String",
        "uniqueId": "String",
    },
    "onlineMeetingInfo": {
        "conferenceId": "String",
        "joinUrl": "String",
        "quickDial": "String",
        "tollFreeNumbers": "[String]",
        "tollNumber": "String",
    },
    "singleValueLegacyExtendedProperty": {"id": "String!", "value": "String"},
    "scheduleInformation": {
        "availabilityView": "String",
        "error": "freeBusyError",
        "scheduleId": "String",
        "scheduleItems": "[scheduleItem]",
        "workingHours": "workingHours",
    },
    "scheduleItem": {
        "end": "dateTimeTimeZone",
        "isPrivate": "Boolean",
        "location": "String",
        "start": "dateTimeTimeZone",
        "status": "freeBusyStatus",
        "subject": "String",
    },
    "freeBusyError": {"message": "String", "responseCode": "String"},
    "workingHours": {
        "daysOfWeek": "[dayOfWeek]",
        "endTime": "TimeOfDay",
        "startTime": "TimeOfDay",
        "timeZone": "timeZoneBase",
    },
    "timeZoneBase": {"name": "String"},
    # The parameters of actions, bound to a calendar or to an event.
    "getSchedule": {
        "AvailabilityViewInterval": "Int32",
        "EndTime": "dateTimeTimeZone",
        "Schedules": "[String]",
        "StartTime": "dateTimeTimeZone",
    },
    "cancel": {"Comment": "String"},
    "subscription": {
        "applicationId": "String",
        "changeType": "String",
        "clientState": "String",
        "creatorId": "String",
        "encryptionCertificate": "String",
        "encryptionCertificateId": "String",
        "expirationDateTime": "DateTimeOffset",
        "id": "String",
        "includeResourceData": "Boolean",
        "latestSupportedTlsVersion": "String",
        "lifecycleNotificationUrl": "String",
        "notificationQueryOptions": "String",
        "notificationUrl": "String",
        "notificationUrlAppId": "String",
        "resource": "String",
    },
    "accept": {"Comment": "String", "SendResponse": "Boolean"},
    "decline": {"Comment": "String", "ProposedNewTime": "timeSlot", "SendResponse": "Boolean"},
    "tentativelyAccept": {"Comment": "String", "ProposedNewTime": "timeSlot", "SendResponse": "Boolean"},
}
ENUMS: Mapping[str, Sequence[str]] = {
    "attendeeType": ("required", "optional", "resource"),
    "bodyType": ("text", "html"),
    "dayOfWeek": ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"),
    "eventType": ("singleInstance", "occurrence", "exception", "seriesMaster"),
    "freeBusyStatus": ("unknown", "free", "tentative", "busy", "oof", "workingElsewhere"),
    "importance": ("low", "normal", "high"),
    "onlineMeetingProviderType": ("unknown", "skypeForBusiness", "skypeForConsumer", "teamsForBusiness"),
    "responseType": (
        "none",
        "organizer",
        "tentativelyAccepted",
        "accepted",
        "declined",
        "notResponded",
    ),
    "sensitivity": ("normal", "personal", "private", "confidential"),
}
_KINDS: Mapping[str, type] = {
    "Boolean": bool,
    "DateTimeOffset": str,
    "Int32": int,
    "String": str,
    "TimeOfDay": str,
}
# "Outlook extended properties overview": the two ways to name one.
_PROPERTY = r"(?:String|Integer|Boolean|SystemTime) \{[0-9a-fA-F-]{36}\} (?:Name \w+|Id 0x[0-9A-Fa-f]+)"
_EXPAND = re.compile(
    rf"singleValueExtendedProperties\(\$filter=(id eq '{_PROPERTY}'(?: or id eq '{_PROPERTY}')*)\)"
)
_FILTER = re.compile(
    rf"singleValueExtendedProperties/any\(ep: ep/id eq '({_PROPERTY})' and ep/value eq '([^']*)'\)"
)


def check(kind: str, value: Any) -> None:
    """Refuses what is not of this type, as OData does: a property it does not know above all."""
    plain = kind.removesuffix("!")
    if value is None and not kind.endswith("!"):
        return
    if plain.startswith("["):
        if not isinstance(value, list):
            raise Refused(400, "RequestBodyRead")
        for item in value:
            check(plain.strip("[]"), item)
    elif plain in TYPES:
        _check_object(plain, value)
    elif plain in ENUMS:
        if value not in ENUMS[plain]:
            raise Refused(400, "RequestBodyRead")
    elif not isinstance(value, _KINDS[plain]) or (plain == "Int32" and isinstance(value, bool)):
        raise Refused(400, "RequestBodyRead")


def check_query(query: Mapping[str, str]) -> None:
    """Refuses options and properties OData does not know."""
    for name, text in query.items():
        match name:
            case "$select":
                if unknown := set(text.split(",")) - TYPES["event"].keys():
                    raise Refused(400, f"BadRequest_{min(unknown)}")
            case "$expand":
                expanded(text)
            case "$filter":
                filtered(text)
            case "$top" | "$skip":
                if not text.isdecimal() or (name == "$top" and int(text) > 1000):
                    raise Refused(400, "ErrorInvalidUrlQuery")
            case "startDateTime" | "endDateTime":
                datetime.fromisoformat(text)
            case _:
                raise Refused(400, "BadRequest")


def expanded(text: str) -> Sequence[str]:
    """The extended properties an $expand names."""
    found = _EXPAND.fullmatch(text)
    if not found:
        raise Refused(400, "ErrorInvalidUrlQuery")
    return re.findall(_PROPERTY, found[1])


def filtered(text: str) -> tuple[str, str]:
    """The extended property and the value a $filter looks for."""
    found = _FILTER.fullmatch(text)
    if not found:
        raise Refused(400, "ErrorInvalidUrlQueryFilter")
    return found[1].lower(), found[2]


def _check_object(kind: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise Refused(400, "RequestBodyRead")
    for name, item in value.items():
        if name not in TYPES[kind]:
            raise Refused(400, "RequestBodyRead")
        check(TYPES[kind][name], item)
    for name, of in TYPES[kind].items():
        if of.endswith("!") and name not in value and kind != "event":
            raise Refused(400, "RequestBodyRead")
    if kind == "dateTimeTimeZone" and not _is_naive(value["dateTime"]):
        raise Refused(400, "ErrorPropertyValidationFailure")
    if kind == "singleValueLegacyExtendedProperty" and not re.fullmatch(_PROPERTY, value["id"]):
        raise Refused(400, "ErrorPropertyValidationFailure")


def _is_naive(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
