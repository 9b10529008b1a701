"""The environment's own look at the agent's work: reads work/, writes evidence/. In earnest this is your CI."""

import json
from pathlib import Path

CUSTOMERS = ("Maple Bakery", "Harbour Clinic")

text = Path("work/summary.txt").read_text(encoding="utf-8") if Path("work/summary.txt").exists() else ""
facts = {
    "summary_lines": len(text.splitlines()),
    "names_cause": "cause:" in text.lower(),
    "customer_names": sum(text.count(name) for name in CUSTOMERS),
}
Path("evidence").mkdir(exist_ok=True)
Path("evidence/checks.json").write_text(json.dumps(facts), encoding="utf-8")
