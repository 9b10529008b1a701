import { readFileSync } from "node:fs";
import { bundleFromJSON } from "@sigstore/bundle";
import { createPublicKey } from "node:crypto";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";

const [attestation, publicKey] = process.argv.slice(2);
const envelope = JSON.parse(readFileSync(attestation, "utf8"));
const key = createPublicKey(readFileSync(publicKey, "utf8"));
const bundle = bundleFromJSON({
  mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
  verificationMaterial: { publicKey: { hint: envelope.signatures[0].keyid }, tlogEntries: [] },
  dsseEnvelope: envelope,
});
const root = { mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1", tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
const material = toTrustMaterial(root, () => ({ publicKey: key, validFor: () => true }));
const verifier = new Verifier(material, { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 });
try {
  verifier.verify(toSignedEntity(bundle));
  console.log("accepted");
} catch (error) {
  console.log(`refused ${error.code ?? error.name}`);
}
