"""Evidence providers outside the server: processes and services that answer ``evidence_query`` (contract §7.7)."""
