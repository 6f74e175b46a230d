#!/usr/bin/env python3
"""Holds the documents to the tree: each link leads somewhere, each path and make target that is named exists, and the table of
rooms in docs/architecture.md has every target. Ends with 1 and says where when one does not."""
import pathlib
import re
import sys
import unicodedata

root = pathlib.Path(__file__).resolve().parent.parent
pages = [page for pattern in ("*.md", "docs/*.md", "Tests/*/README.md") for page in sorted(root.glob(pattern))]
faults = []


def slug(heading):
    """An anchor as GitHub makes it of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    kept = (c for c in text if c in "-_ " or unicodedata.category(c)[0] in "LN")
    return "".join(kept).replace(" ", "-")


def anchors(page):
    return {slug(line.lstrip("#")) for line in prose(page, code=True) if line.startswith("#")}


def prose(page, code=False):
    """The page's lines; what is fenced is left empty, so that the numbers stay."""
    inside = False
    for line in page.read_text().split("\n"):
        if line.startswith("```"):
            inside = not inside
        yield "" if inside and not (code and line.startswith("#")) else line


makefile = (root / "Makefile").read_text()
targets = set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.M))
for page in pages:
    for number, line in enumerate(prose(page), 1):
        where = f"{page.relative_to(root)}:{number}"
        for link in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists():
                faults.append(f"{where}: the link {link} leads nowhere")
            elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                faults.append(f"{where}: {path or 'this page'} has no heading #{anchor}")
        for target in re.findall(r"`(?:sudo )?make ([a-z][a-z0-9-]*)", line):
            if target not in targets:
                faults.append(f"{where}: there is no 'make {target}'")

# In these two pages every path stands in backquotes. A word in capitals stands for a name that whoever adds something chooses:
# then the folder above it must be there.
# What a build leaves is not in the tree.
tops = {entry.name for entry in root.iterdir()} - {".build"}
for page in (root / name for name in ("CONTRIBUTING.md", "docs/reading.md") if (root / name).exists()):
    for number, line in enumerate(prose(page), 1):
        for path in re.findall(r"`([^`\s]+)`", line):
            path = path.rstrip("/")
            first = path.split("/")[0]
            if not (("/" in path and first in tops) or (first in tops and path != "make")):
                if "/" in path and re.search(r"\.(swift|md|sh|py|yaml)$", path):
                    faults.append(f"{page.name}:{number}: there is no {path}")
                continue
            parts = path.split("/")
            known = parts[: next((i for i, part in enumerate(parts) if re.search(r"NAME|PART|FAMILY", part)), len(parts))]
            if not (root / "/".join(known)).exists():
                faults.append(f"{page.name}:{number}: there is no {path}")

# Each target has its row, and each row its folder.
manifest = (root / "Package.swift").read_text()
rooms = {name: path or f"Sources/{name}" for name, path in re.findall(r'\broom\(\s*"(\w+)"(?:, path: "([^"]+)")?', manifest)}
rooms["reallabor-node"] = "Sources/reallabor-node"
table = re.findall(r"^\| `([^`]+)`", (root / "docs/architecture.md").read_text(), re.M)
for name, path in sorted(rooms.items()):
    if path not in table:
        faults.append(f"docs/architecture.md: the table of rooms lacks {path}")
for path in table:
    if not (root / path).exists():
        faults.append(f"docs/architecture.md: the table of rooms has {path}, which is not there")

for fault in faults:
    print(fault, file=sys.stderr)
if faults:
    sys.exit(1)
print(f"documents: {len(pages)} pages name only what is there, and all {len(rooms)} rooms have their row")
