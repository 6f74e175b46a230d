#!/usr/bin/env python3
"""The templates of sentences for people, as gettext catalogues: Translations/TARGET.pot.

  messages.py           writes them
  messages.py --check   ends with 1 when one is not what the sources say, or an error has words that are no sentence

A template is a literal of a `Sentence` (Sources/SensorCore/Messages/Sentence.swift): "no part '\\(name)'" has the msgid
"no part '%1$s'". Which literals the compiler takes for sentences is not known here, so every literal of a catalogued folder that
could be one is taken: a text too many costs a translator a glance, one too few would stay English.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "Translations"

# By catalogue: files and folders whose literals are sentences.
CATALOGUES = {
    "SensorCore": ["Sources/SensorCore/Messages", "Sources/SensorCore/Edges/EdgeEvent.swift", "Sources/SensorCore/Delivery/RecordOutbox.swift"],
    "PulsePipeline": ["Sources/PulsePipeline/Messages"],
    "StoreForward": ["Sources/StoreForward"],
    "DeliveryAudit": ["Sources/DeliveryAudit/AuditedRecord.swift", "Sources/DeliveryAudit/DeliveryAuditor.swift"],
    "HostFiles": ["Sources/HostFiles/FileError.swift", "Sources/HostFiles/WakeEvent.swift"],
    "JSONText": ["Sources/JSONText/JSONReader.swift", "Sources/JSONText/JSONValue.swift"],
    "Recordings": ["Sources/Recordings"],
    "Calibration": ["Calibration"],
    "LinuxHardware": [
        "Sources/LinuxHardware/GPIOChipSearch.swift",
        "Sources/LinuxHardware/GPIOEdgeSource.swift",
        "Sources/LinuxHardware/GPIOLines.swift",
        "Sources/LinuxHardware/HostError.swift",
        "Sources/LinuxHardware/MemoryLock.swift",
        "Sources/LinuxHardware/NodeThread.swift",
        "Sources/LinuxHardware/SystemClock.swift",
        "Sources/LinuxHardware/TerminationSignals.swift",
    ],
    "Delivery": ["Sources/Delivery/Sending"],
    "TransportProcess": ["Sources/TransportProcess/ProcessEnding.swift", "Sources/TransportProcess/ProcessTransport.swift"],
    "MQTTTransport": ["Sources/MQTTTransport"],
    "ControlSocket": [
        "Sources/ControlSocket/ControlClient.swift",
        "Sources/ControlSocket/ControlConnection.swift",
        "Sources/ControlSocket/ControlListener.swift",
        "Sources/ControlSocket/ControlServer.swift",
        "Sources/ControlSocket/ControlSession.swift",
        "Sources/ControlSocket/ControlSocketError.swift",
        "Sources/ControlSocket/RequestLine.swift",
        "Sources/ControlSocket/SocketAddress.swift",
    ],
    "ServiceManager": ["Sources/ServiceManager/ServiceManager.swift"],
    "NodeSimulation": ["Sources/NodeSimulation/Simulation.swift"],
    "NodeRuntime": [
        "Sources/NodeRuntime/Messages",
        "Sources/NodeRuntime/Calibration/CalibrationText.swift",
        "Sources/NodeRuntime/Calibration/CalibrationVerbs.swift",
        "Sources/NodeRuntime/Destinations/Credentials.swift",
        "Sources/NodeRuntime/Status/NodeControl.swift",
    ],
    "NodeConfiguration": ["Sources/NodeConfiguration"],
    "Diagnosis": ["Sources/Diagnosis"],
    "reallabor-node": ["Sources/reallabor-node"],
}

# Errors that have words of their own and are no sentence, and why.
PLAIN_ERRORS = {
    "I2CError": "what a driver found, for the log: its kind is the code that is counted and published",
    "SensorError": "as I2CError; its detail names registers and bytes",
}
ERROR_FOLDERS = ["Sources", "Calibration", "HardwareMocks"]

# What stands in front of a literal that no person reads as a sentence: keys of JSON, verbs of the control protocol, the help of
# ArgumentParser, raw values, what is compared.
NOT_SENTENCES = re.compile(
    r"(\b(field|objectField|arrayField|nullField|has|hasPrefix|hasSuffix|contains|peek|getenv|write|message|string"
    r"|ArgumentHelp|ProgramVersion|CodedMessage)\("
    r"|\bsay\(\s*\.\w+,|\bprecondition\([^\n]*,"
    r"|\b(help|abstract|discussion|valueName|commandName|aliases|verb|arguments|separator|id|code|key|symbol|in|as|path|ascii):"
    r"|[!=]=|\bcase\s+\w+\s*=)\s*$"
)
# SQLite's language.
STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|BEGIN|COMMIT|ROLLBACK|WITH|DETACH|ATTACH|VACUUM)\b")
# One word is a sentence's only in such a place: "mqtt" is a title, "words" what there are, "unknown" a case of a sentence.
ONE_WORD = re.compile(r"\b(title|called|meaning|example):\s*$|\bcase [^\n]*:\s*$|\?\?? $|\bSentence\]?\b[^\n]*$")
# What a translator has to know of it.
EXAMPLE = re.compile(r"\bexample(: Sentence)?( =|:)\s*$")
TITLE = re.compile(r"\btitle(: Sentence)?( =[^\n]*|:\s*)$")
PLURAL = re.compile(r"\bcalled:\s*$")
LETTER = re.compile(r"[^\W\d_]")
PLACE = re.compile(r"%\d+\$s")


class Literal:
    def __init__(self, start, before):
        self.start = start
        self.end = start
        # The code in front of it, as far as one looks.
        self.before = before
        self.template = ""
        self.places = 0


ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", '"': '"', "'": "'", "\\": "\\"}


def literals(source):
    """Every string literal, those within interpolations too, in order of their ends."""
    found = []
    scan(source, 0, None, found)
    return found


def scan(source, at, closing, found):
    """Reads code up to the parenthesis that closes it; returns the place behind it."""
    depth = 0
    while at < len(source):
        if source.startswith("//", at):
            at = source.find("\n", at)
            if at < 0:
                return len(source)
        elif source.startswith("/*", at):
            at = source.index("*/", at) + 2
        elif source[at] == '"' or re.match(r'#+"', source[at : at + 8]):
            at = read_literal(source, at, found)
        else:
            if source[at] == "(":
                depth += 1
            elif source[at] == ")":
                if depth == 0 and closing:
                    return at + 1
                depth -= 1
            at += 1
    return at


def read_literal(source, at, found):
    literal = Literal(at, source[max(0, at - 160) : at])
    hashes = re.match(r"#*", source[at:]).group()
    at += len(hashes)
    is_long = source.startswith('"""', at)
    quote = ('"""' if is_long else '"') + hashes
    at += 3 if is_long else 1
    indent = ""
    if is_long:
        # The closing quotes say how far all lines are indented.
        indent = long_indent(source, at, quote)
        at = source.index("\n", at) + 1
        at += len(indent) if source.startswith(indent, at) else 0
    text = []
    escape = "\\" + hashes
    while not source.startswith(quote, at):
        if source.startswith(escape, at):
            at += len(escape)
            if source[at] == "(":
                at = scan(source, at + 1, ")", found)
                literal.places += 1
                text.append(f"%{literal.places}$s")
            elif source[at] == "u":
                end = source.index("}", at)
                text.append(chr(int(source[at + 2 : end], 16)))
                at = end + 1
            elif source[at] in " \t\n" and is_long:
                at = source.index("\n", at) + 1
                at += len(indent) if source.startswith(indent, at) else 0
            else:
                text.append(ESCAPES[source[at]])
                at += 1
        elif source[at] == "\n" and is_long:
            at += 1
            at += len(indent) if source.startswith(indent, at) else 0
            if not source.startswith(quote, at):
                text.append("\n")
        else:
            text.append("%%" if source[at] == "%" else source[at])
            at += 1
    literal.end = at + len(quote)
    literal.template = "".join(text)
    found.append(literal)
    return literal.end


def long_indent(source, at, quote):
    depth = 0
    for line in source[at:].split("\n")[1:]:
        if line.strip().startswith(quote) and depth == 0:
            return line[: len(line) - len(line.lstrip())]
    sys.exit(f"messages: a literal at {at} has no end")


def is_sentence(literal):
    words = PLACE.sub("", literal.template)
    if not LETTER.search(words) or NOT_SENTENCES.search(literal.before) or STATEMENT.match(words):
        return False
    return " " in words.strip() or literal.places > 0 or bool(ONE_WORD.search(literal.before))


def remark(literal):
    if EXAMPLE.search(literal.before):
        return "An example of what to write: what stands in a file stays as it is."
    if TITLE.search(literal.before):
        return "Names something within other sentences, as their subject or behind 'in'."
    if PLURAL.search(literal.before):
        return "Stands in front of a colon and a list, or behind 'there are no'."
    return None


def templates(folders):
    """By template, in order of files and of lines: the files that have it, and what is to be known of it."""
    found = {}
    for folder in folders:
        path = ROOT / folder
        for file in sorted(path.rglob("*.swift")) if path.is_dir() else [path]:
            for literal in sorted(literals(file.read_text()), key=lambda literal: literal.start):
                if is_sentence(literal):
                    files, remarks = found.setdefault(literal.template, ([], []))
                    for list_, entry in ((files, str(file.relative_to(ROOT))), (remarks, remark(literal))):
                        if entry and entry not in list_:
                            list_.append(entry)
    return found


CONFORMANCE = re.compile(
    r"\b(struct|enum|class|actor|extension)\s+([\w.]+)[^:{}()]*:\s*([^{}]*?)(?:\bwhere\b[^{}]*)?\{")


def plain_errors():
    """Types that are errors and have words, but no sentence, with their files."""
    types, extensions = [], {}
    for folder in ERROR_FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.swift")):
            for kind, name, list_ in CONFORMANCE.findall(re.sub(r"//[^\n]*", "", file.read_text())):
                name = name.split(".")[-1]
                protocols = set(re.split(r"[\s,&]+", list_))
                if kind == "extension":
                    extensions.setdefault(name, set()).update(protocols)
                else:
                    types.append((name, file.relative_to(ROOT), protocols))
    found = {}
    for name, file, protocols in types:
        has = protocols | extensions.get(name, set())
        if "Error" in has and "CustomStringConvertible" in has and "SentenceConvertible" not in has:
            found[name] = file
    return found


def check_errors():
    found = plain_errors()
    faults = [
        f"{path}: {name} is an error with words that cannot be translated; make it SentenceConvertible (CONTRIBUTING.md)"
        for name, path in sorted(found.items())
        if name not in PLAIN_ERRORS
    ]
    faults += [f"Deploy/messages.py: {name} is no plain error any more; take it out" for name in PLAIN_ERRORS if name not in found]
    if faults:
        sys.exit("\n".join(f"messages: {fault}" for fault in faults))


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def catalogue(name, found):
    lines = [
        f"# Sentences of {name}, written by Deploy/messages.py. A place, %1$s, may stand anywhere, and once.",
        'msgid ""',
        'msgstr ""',
        quoted(f"Project-Id-Version: reallabor-node {name}\n"),
        quoted("PO-Revision-Date: YEAR-MO-DA HO:MI+ZONE\n"),
        quoted("MIME-Version: 1.0\n"),
        quoted("Content-Type: text/plain; charset=UTF-8\n"),
        quoted("Content-Transfer-Encoding: 8bit\n"),
        "",
    ]
    for template, (files, remarks) in found.items():
        # Without line numbers, so that a catalogue changes only when a sentence does.
        lines += [f"#. {text}" for text in remarks] + [f"#: {file}" for file in files]
        if "%" in template:
            lines.append("#, c-format")
        lines += [f"msgid {quoted(template)}", 'msgstr ""', ""]
    return "\n".join(lines)


def main():
    is_check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not is_check:
        sys.exit(__doc__)
    check_errors()
    stale = []
    for name, folders in CATALOGUES.items():
        text = catalogue(name, templates(folders))
        path = TRANSLATIONS / f"{name}.pot"
        if is_check:
            if not path.exists() or path.read_text() != text:
                stale.append(str(path.relative_to(ROOT)))
        else:
            TRANSLATIONS.mkdir(exist_ok=True)
            path.write_text(text)
        # Where gettext is installed it has its say.
        if shutil.which("msgfmt"):
            with tempfile.NamedTemporaryFile("w", suffix=".pot") as copy:
                copy.write(text)
                copy.flush()
                subprocess.run(["msgfmt", "--check-format", "-o", "/dev/null", copy.name], check=True)
    if stale:
        sys.exit(f"messages: {', '.join(stale)}: the sources say something else now; run Deploy/messages.py and commit what it writes")
    count = len({template for folders in CATALOGUES.values() for template in templates(folders)})
    print(f"messages: {count} templates in {len(CATALOGUES)} catalogues are what the sources say")


if __name__ == "__main__":
    main()
