# Shortcuts. Nothing here does anything that a plain command in README.md or CONTRIBUTING.md does not.

# Everything that has to pass before a change is proposed.
ready:
    .ci/run

# Rewrite the expected files of the corpus and the generated documents, to be read in the diff.
bless:
    BLESS=1 cargo test --workspace
