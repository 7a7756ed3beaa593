"""The tables, with the constraints that make wrong states impossible. No behaviour here."""

from sqlmodel import SQLModel

from orchestrator.models.calls import Bridge
from orchestrator.models.casework import (
    Approval,
    Campaign,
    Candidate,
    Case,
    CauseOfArrears,
    ClaimedCharge,
    Decision,
    Hold,
    LimitationAlarm,
    PolicyVersion,
    Promise,
    StopState,
)
from orchestrator.models.cash import CashHandover, CashReceipt
from orchestrator.models.contacts import Attempt, Message, NamedCharge, Receipt, SenderState, Task
from orchestrator.models.evidence import (
    EvidenceCheckpoint,
    EvidenceEntry,
    EvidenceKey,
    EvidenceKind,
    EvidencePayload,
    EvidencePosition,
    EvidenceStamp,
    EvidenceTile,
    EvidenceUnsealed,
)
from orchestrator.models.exhibits import Exhibit
from orchestrator.models.jobs import Job
from orchestrator.models.ledger import Allocation, Charge, ChargeVersion, ImportRun, Payment, ServiceRecord
from orchestrator.models.letters import Letter, LetterBatch, LetterSnapshot
from orchestrator.models.papers import Original, OriginalMovement, Paper
from orchestrator.models.parties import (
    Account,
    Community,
    Consent,
    ContactPoint,
    Creditor,
    Debtor,
    DebtorParty,
    Party,
    PartyContact,
    SiteDay,
    SteeringDay,
    Unit,
)
from orchestrator.models.people import SandboxClock, User
from orchestrator.models.visits import Upload, VisitLook, VisitRoute, VisitStop
from orchestrator.models.wordings import WordingTemplate

metadata = SQLModel.metadata

__all__ = [
    "Account",
    "Allocation",
    "Approval",
    "Attempt",
    "Bridge",
    "Campaign",
    "Candidate",
    "Case",
    "CashHandover",
    "CashReceipt",
    "CauseOfArrears",
    "Charge",
    "ChargeVersion",
    "ClaimedCharge",
    "Community",
    "Consent",
    "ContactPoint",
    "Creditor",
    "Debtor",
    "DebtorParty",
    "Decision",
    "EvidenceCheckpoint",
    "EvidenceEntry",
    "EvidenceKey",
    "EvidenceKind",
    "EvidencePayload",
    "EvidencePosition",
    "EvidenceStamp",
    "EvidenceTile",
    "EvidenceUnsealed",
    "Exhibit",
    "Hold",
    "ImportRun",
    "Job",
    "Letter",
    "LetterBatch",
    "LetterSnapshot",
    "LimitationAlarm",
    "Message",
    "NamedCharge",
    "Original",
    "OriginalMovement",
    "Paper",
    "Party",
    "PartyContact",
    "Payment",
    "PolicyVersion",
    "Promise",
    "Receipt",
    "SandboxClock",
    "SenderState",
    "ServiceRecord",
    "SiteDay",
    "SteeringDay",
    "StopState",
    "Task",
    "Unit",
    "Upload",
    "User",
    "VisitLook",
    "VisitRoute",
    "VisitStop",
    "WordingTemplate",
    "metadata",
]
