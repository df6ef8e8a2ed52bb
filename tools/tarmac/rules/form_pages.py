"""The pages of what is found before any rule runs: how files are read and merged, and how documents are formed.

Those who find these stand above the rules (the reader, the schema gate, the use cases), so their pages stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

READING: Mapping[str, str] = MappingProxyType(
    {
        "yaml-syntax": """\
A file that cannot be read as YAML.

A bracket or quote that is not closed, a tab in the indentation, a line that stands too far to the left or right. What
was read before that place counts, and so do the documents behind the next `---`.

Points at: the first character that cannot be read where it stands; for a quote that is not closed, at the quote.

Wrong:

    spec:
      dependsOn: [component:stock, component:prices

Right:

    spec:
      dependsOn: [component:stock, component:prices]
""",
        "yaml-bytes": """\
A file with characters that readers take differently.

Files are UTF-8, with lines that end in LF or CRLF. Control characters are refused, and so are a byte order mark that
does not stand at the beginning or stands before blanks, and the line breaks NEL, U+2028 and U+2029 outside quotes: some
readers stop at them or drop what stands behind, and what one reader does not see, nobody has reviewed.

Points at: the character. A file that is not UTF-8 is not read at all.

Wrong:

    title: Gr(byte 0xfc)ße                     # saved as Latin-1

Right:

    title: Grüße                               # saved as UTF-8
    title: "a bell \\u0007, if there must be one"
""",
        "yaml-duplicate-key": """\
A key that stands twice in one mapping.

Readers disagree about which of the two counts, so neither can be relied on.

Points at: the second of the two keys.

Wrong:

    spec:
      lifecycle: production
      type: service
      lifecycle: experimental

Right:

    spec:
      lifecycle: production
      type: service
""",
        "yaml-feature": """\
A feature of YAML that readers disagree about.

Merge keys (`<<`), explicit tags (`!!str`), `%` directives, and keys that are no text (a list, a number in another
notation, nothing) are refused. Anchors and aliases are fine.

Points at: the key, the tag or the directive.

Wrong:

    metadata:
      <<: *common
      name: !!str orders

Right:

    metadata:
      name: orders
      labels: {cost-center: CC-1001}           # what *common held, written out
""",
        "yaml-limit": """\
A file that is larger or deeper than Tarmac reads.

At most 1 MiB, 5,000 documents and 40,000 keys and values a file; 64 levels and 10,000 keys and values a document, and
aliases that stand for 10,000 values. What has a name stands there 100 times at most, its aliases counted, and less
often where aliases stand in it: Backstage's reader takes no more. No real file comes near these; they keep a hostile
one from stopping the run.

Points at: the list or mapping that goes beyond the bound, or the file.

Wrong:

    one file with ten thousand requests

Right:

    requests/payments/production/orders-db.yaml
    requests/payments/production/invoices.yaml
""",
        "yaml-number": """\
A number that cannot be held exactly.

Whole numbers have 64 bits, fractions are finite. A longer one is nearly always an identifier, which is a text.

Points at: the number.

Wrong:

    annotations:
      account: 123456789012345678901234567890

Right:

    annotations:
      account: "123456789012345678901234567890"
""",
        "more-findings": """\
A file with more faults in how it is written than are listed.

The first hundred are; they usually have one cause, such as tabs in every line. What is not listed counts all the same.

Points at: the file.

Wrong:

    a file that is indented with tabs

Right:

    the same file, indented with spaces
""",
        "unreadable-file": """\
A file that nobody can review as it stands.

Symbolic links, submodules, pipes and devices in the data folders, files whose names hold characters that cannot be
printed, and files that the system does not let Tarmac open. Documents are read where they stand, from regular files.

Points at: the file.

Wrong:

    catalog/shop -> ../../elsewhere/shop

Right:

    catalog/shop/catalog-info.yaml
""",
        "merge-conflict": """\
A file that the base and the head both changed.

Nobody can tell what merging would give, so what is checked is the head as it is, and no verdict is final.

Points at: the file.

Wrong:

    a branch that is behind its base, with other changes in the same lines

Right:

    git merge origin/main          # solve the conflict, commit, push
""",
    }
)

FORM: Mapping[str, str] = MappingProxyType(
    {
        "document-shape": """\
A document that is no mapping.

A document says what it is in `apiVersion` and `kind`; a list or a single value cannot. Several documents in one file
are divided by `---`.

Points at: the first character of the document.

Wrong:

    - kind: Component
    - kind: API

Right:

    apiVersion: backstage.io/v1alpha1
    kind: Component
    ---
    apiVersion: backstage.io/v1alpha1
    kind: API
""",
        "document-kind": """\
A document of no known kind.

The pair of `apiVersion` and `kind` must be one that `tarmac schema` lists; both are compared with their case. A mapping
with neither is an error in `catalog/`, `teams/`, `requests/` and `policies/`, where only documents stand, and an info
elsewhere: name other YAML files in `spec.ignore` of `policies/platform.yaml`, and Tarmac leaves them alone.

Points at: the value of `apiVersion` or `kind` that is wrong, or the first key of the document.

Wrong:

    apiVersion: backstage.io/v2
    kind: component

Right:

    apiVersion: backstage.io/v1alpha1
    kind: Component
""",
        "unknown-field": """\
A field that the kind does not have.

It is usually misspelt, or stands on the wrong level. In `metadata` and `spec` of Backstage's kinds further fields are
allowed, as Backstage allows them; at the root, and in Tarmac's own kinds, they are not. `tarmac schema KIND` shows the
fields that there are.

Points at: the field's key.

Wrong:

    spec:
      enviroment: production

Right:

    spec:
      environment: production
""",
        "missing-field": """\
A field that the kind needs is not there.

`tarmac schema KIND` says which fields a kind needs, and what each of them holds.

Points at: the key that should hold the field, or the first key of the document.

Mended by `tarmac check --fix`: a Group without `spec.children` gets `children: []`, which is what is meant when nobody
stands below it. Nothing else is made up.

Wrong:

    kind: Group
    spec:
      type: team

Right:

    kind: Group
    spec:
      type: team
      children: []
""",
        "wrong-value": """\
A value that is not what its field holds.

A number where a text belongs, a word that is none of the choices, a name with a blank. A key with nothing behind it
counts as wrong too: leave out what you do not want to say. Amounts of money, versions and days are written in quotes,
because without them YAML reads a number: 12000.10 as the nearest binary fraction, version 1.10 as 1.1.

Points at: the value, or a key of the wrong form.

Mended by `tarmac check --fix`: an amount without quotes gets them, its digits as they are written. An amount that would
not be one in quotes either (`1e3`, `.5`, `-1`) is left to you.

Wrong:

    amounts: [{from: "2026-01-01", limit: 12000.00}]

Right:

    amounts: [{from: "2026-01-01", limit: "12000.00"}]
""",
    }
)

TESTS: Mapping[str, str] = MappingProxyType(
    {
        "policy-test": """\
A policy whose own test does not come out as it says.

The cases in `spec.tests` are documents with the verdict that the policy must give: `pass`, `fail`, or `skip` where the
policy does not look at them. Either the policy is wrong, or the case is.

Points at: the case.

Wrong:

    require: object.spec.config.encrypted
    tests:
      - name: encrypted passes
        object: {kind: ResourceRequest, spec: {config: {encrypted: false}}, ...}
        expect: pass

Right:

    require: object.spec.config.encrypted
    tests:
      - name: encrypted passes
        object: {kind: ResourceRequest, spec: {config: {encrypted: true}}, ...}
        expect: pass
""",
    }
)

# What is said of files that are no documents: never more than a warning.
FILES: Mapping[str, str] = MappingProxyType(
    {
        "codeowners-stale": """\
A CODEOWNERS file that is not the one that follows from the owners in the catalog.

GitHub asks the owners that this file names, and skips a line that it cannot read without a word. Where policies/ say
`forge: github`, the file is compared with what the catalog means: line by line, and for every file of the repository.
It is told by a check of the whole repository and by a review, not by a check of a change. A repository that never had
the file is not told to have one. `tarmac codeowners --check` lists what differs, path by path.

Points at: the file, or its first line that GitHub does not read.

Wrong:

    * @northwick-ferries/platform
    /catalog/retail/ @northwick-ferries/booking      # retail owns it

Right:

    tarmac codeowners --write
""",
    }
)
