"""How a text message says that its reader may have no more of them."""

from orchestrator.wordings.notice import Language, WordingError


def way_out(language: Language, phone: str, *, hears: bool) -> str:
    """By an answer where one can reach us, else by telephone. Raises WordingError where there is neither.

    >>> way_out("zh", "0571-80000000", hears=True), way_out("en", "+1 202 555 0100", hears=False)
    ('退订回复TD', 'To opt out call +1 202 555 0100')
    """
    if hears:
        return "退订回复TD" if language == "zh" else "Reply STOP to opt out"
    if not phone:
        raise WordingError("no answer reaches us from there, and the company has no telephone number: enter it, so that people can opt out")
    return f"退订请致电{phone}" if language == "zh" else f"To opt out call {phone}"
