"""Whose signature it is: a certificate chain and its private key, the user's own or a local one for trying things out."""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from pathlib import Path

from pixwright.errors import InvalidOption, OutputExists
from pixwright.extras import require

WHO = "signing (content credentials)"
EXTRA = "provenance"
CHAIN_VARIABLE, KEY_VARIABLE = "PIXWRIGHT_CERTIFICATE", "PIXWRIGHT_CERTIFICATE_KEY"
"""Environment variables that name the two files."""
_CHAIN, _KEY = "certificate.pem", "key.pem"
_ORGANISATION = "pixwright local test"
_AUTHORITY_DAYS, _SIGNER_DAYS = 3650, 825
_PRIVATE = 0o600
"""Rights of the key's file: the owner alone reads it."""
_KINDS = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
"""Curve -> signature algorithm (C2PA 2.1, section 13.2)."""


@dataclass(frozen=True)
class Certificate:
    """What signs: the chain as PEM, the signer's own certificate first; the key as PEM (PKCS 8)."""

    chain: bytes
    key: bytes
    algorithm: str
    """ES256, ES384, ES512, PS256 or ED25519."""
    name: str
    """Whose it is, as the certificate says."""
    local: bool
    """Whether `pixwright provenance setup` made it: then it proves only that the file is unchanged since."""


def folder() -> Path:
    """Where `setup` puts certificate and key, and where they are looked for: the user's configuration folder."""
    base = os.environ.get("XDG_CONFIG_HOME") or (Path.home() / ".config")
    return Path(base) / "pixwright" / "provenance"


def named() -> bool:
    """Whether the environment names a certificate, or `setup` made one. Nothing is read."""
    return bool(os.environ.get(CHAIN_VARIABLE) or os.environ.get(KEY_VARIABLE)) or (folder() / _CHAIN).is_file()


def find() -> Certificate | None:
    """The certificate that the environment names, else the one that `setup` made, else None. Raises InvalidOption for files that do not fit, and MissingExtra."""
    chain, key = os.environ.get(CHAIN_VARIABLE), os.environ.get(KEY_VARIABLE)
    if bool(chain) != bool(key):
        given, missing = (CHAIN_VARIABLE, KEY_VARIABLE) if chain else (KEY_VARIABLE, CHAIN_VARIABLE)
        raise InvalidOption(f"{given} is set and {missing} is not; name the certificate and its key")
    if chain and key:
        return read(Path(chain), Path(key))
    own = folder()
    return read(own / _CHAIN, own / _KEY) if (own / _CHAIN).is_file() and (own / _KEY).is_file() else None


def read(chain: Path, key: Path) -> Certificate:
    """The certificate in those files. Raises InvalidOption where they cannot be read or do not belong together, and MissingExtra."""
    require(["cryptography", "c2pa"], WHO, EXTRA)
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.x509.oid import NameOID

    try:
        chain_data, key_data = chain.read_bytes(), key.read_bytes()
        signer = x509.load_pem_x509_certificates(chain_data)[0]
        private = serialization.load_pem_private_key(key_data, password=None)
    except (OSError, ValueError, TypeError, IndexError) as error:
        raise InvalidOption(
            f"'{chain}' and '{key}' are not a certificate and its key without password, in PEM ({error}); "
            "make a local one with `pixwright provenance setup`"
        ) from error
    public = signer.public_key()
    if private.public_key() != public:
        raise InvalidOption(f"'{key}' is not the key of '{chain}'; name the two that belong together")
    curve = getattr(getattr(public, "curve", None), "name", "")
    algorithm = _KINDS.get(curve) or ("ED25519" if "Ed25519" in type(public).__name__ else "PS256")
    named = signer.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    organised = signer.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    name = str(named[0].value) if named else signer.subject.rfc4514_string()
    return Certificate(chain_data, key_data, algorithm, name, bool(organised) and organised[0].value == _ORGANISATION)


def make(into: Path | None = None) -> Path:
    """Make a local certificate (its own authority, P-256) and its key in `into`, by default `folder()`; returns the chain's file.

    It shows that a file was not changed since it was signed on this machine. It does not show who signed: nobody else trusts its authority.
    Raises OutputExists where one is there, InvalidOption where the folder cannot be written, and MissingExtra.
    """
    require(["cryptography", "c2pa"], WHO, EXTRA)
    target = into or folder()
    if (target / _CHAIN).exists() or (target / _KEY).exists():
        raise OutputExists(f"'{target}' holds a certificate already; it is never replaced: delete it first, or keep it")
    chain, key = _pair(datetime.datetime.now(datetime.UTC))
    try:
        target.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(target / _KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as held:
            held.write(key)
        (target / _CHAIN).write_bytes(chain)
    except OSError as error:
        raise InvalidOption(f"'{target}' cannot be written ({error.strerror}); choose another --folder") from error
    return target / _CHAIN


def _pair(now: datetime.datetime) -> tuple[bytes, bytes]:
    """(chain, key), made with the profile that C2PA asks of a signer's certificate (2.1, section 14.5)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(common: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )

    def begun(who: str, key: ec.EllipticCurvePrivateKey, days: int, authority: bool) -> x509.CertificateBuilder:
        usage = x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False)
        return (
            x509.CertificateBuilder()
            .subject_name(named(who))
            .issuer_name(named("local authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(authority, 0 if authority else None), True)
            .add_extension(usage, True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )

    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = begun("local authority", root, _AUTHORITY_DAYS, True).sign(root, hashes.SHA256())
    signer = (
        begun("pixwright on this machine", own, _SIGNER_DAYS, False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), False)
        .sign(root, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return signer.public_bytes(pem) + authority.public_bytes(pem), private
