#!/bin/sh
# Install policyqa out of this bundle, without any network:
#
#   sh install.sh [FOLDER]                       FOLDER: ./policyqa unless given
#   PYTHON=/path/to/python3.11 sh install.sh     with this Python
#
# Run again, it repairs or upgrades what is there; corpus/ and policyqa.toml are kept. On failure it
# says why in one line, removes what it made and puts back the installation that was there.
set -eu
# Messages are read below, so they must be in English whatever the machine speaks.
export LC_ALL=C.UTF-8
# The user's settings for Python, pip and policyqa must not reach into the new environment.
unset PYTHONPATH PYTHONHOME
for name in $(env | sed -n 's/^\(POLICYQA_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
export PYTHONNOUSERSITE=1 PIP_CONFIG_FILE=/dev/null CDPATH=''

started=$(date +%s)
made=''    # what this run put into the folder, for `undo`
created='' # whether this run made the folder itself

main() {
    find_bundle
    find_python
    enter_folder "${1:-policyqa}"
    install_packages
    install_encoder
    keep_or_put corpus
    keep_or_put policyqa.toml
    for name in start.sh guide.md LICENSE LICENSES.md; do replace "$name"; done
    build_library
    finish
}

find_bundle() {
    command -v sha256sum >/dev/null || fail 'this machine has no sha256sum'
    bundle=$(cd -- "$(dirname -- "$0")" && pwd -P)
    say 'checking the bundle'
    if ! checked=$(cd -- "$bundle" && sha256sum -c MANIFEST.sha256 2>&1); then
        first=$(printf '%s\n' "$checked" | grep ': FAILED' | head -n 1)
        fail "the bundle is damaged (${first:-MANIFEST.sha256 cannot be read}); unpack or copy it again"
    fi
    release=$(sha256sum <"$bundle/MANIFEST.sha256" | cut -c 1-64)
}

find_python() {
    version=$(sed -n 's/.*"python": "\([^"]*\)".*/\1/p' "$bundle/machine.json")
    lacks="python $version (here: none)"
    # The exact name first: python3 is often another version.
    for candidate in "${PYTHON:-python$version}" "${PYTHON:-python3}"; do
        python=$(command -v "$candidate") || continue
        lacks=$("$python" "$bundle/machine.py" "$bundle/machine.json" 2>&1 | tail -n 1)
        [ "$lacks" != fits ] || return 0
    done
    fail "this machine does not fit the bundle; needed: ${lacks:-a python3 that runs}"
}

# Go into the folder; from here on, what fails is undone.
enter_folder() {
    if [ ! -e "$1" ]; then
        mkdir -- "$1" 2>/dev/null || fail "cannot create $1; create the folder it lies in first"
        created=yes
    fi
    cd -- "$1" 2>/dev/null || fail "$1 is no folder that can be entered"
    folder=$(pwd -P)
    [ -w . ] || fail "$folder cannot be written to"
    is_ours || [ -z "$(ls -A)" ] || fail "$folder is not empty and holds no policyqa; name another folder"
    trap undo EXIT
    trap 'fail interrupted' HUP INT TERM
    recover
    # Marks the folder as ours until the packages do, should the machine stop half-way.
    : >.installing
    made="$made .installing .install.log"
}

is_ours() {
    [ -e .installing ] || [ -e .venv/installed ] || [ -e .venv.old/installed ]
}

# What an installation that was killed left: a finished environment counts, else the one before it.
recover() {
    if [ -e .venv/installed ]; then
        rm -rf .venv.old
    elif [ -e .venv.old/installed ]; then
        rm -rf .venv
        mv .venv.old .venv
    else
        rm -rf .venv .venv.old
    fi
}

# An environment has absolute paths in it, so it is made where it will be used.
install_packages() {
    if [ "$(cat .venv/installed 2>/dev/null)" = "$release" ] && .venv/bin/python -c 'import policyqa' 2>/dev/null; then
        say 'the packages are there'
        return
    fi
    say "installing $(wc -l <"$bundle/requirements.txt" | tr -d ' ') packages with $python"
    [ ! -e .venv ] || mv .venv .venv.old
    made="$made .venv"
    run 'making the environment' "$python" -m venv .venv
    # --no-deps: requirements.txt names every package, and PyTorch is left out on purpose.
    run 'installing the packages' .venv/bin/python -m pip install --isolated --no-index --no-deps \
        --no-cache-dir --disable-pip-version-check --find-links "$bundle/wheels" \
        --requirement "$bundle/requirements.txt"
}

install_encoder() {
    if grep '  encoders/' "$bundle/MANIFEST.sha256" | sha256sum -c >/dev/null 2>&1; then
        say 'the encoder is there'
        return
    fi
    say 'copying the encoder'
    [ -e encoders ] || made="$made encoders"
    mkdir -p encoders
    for source in "$bundle"/encoders/*; do replace "encoders/${source##*/}"; done
}

keep_or_put() {
    [ -e "$1" ] || replace "$1"
}

# Copied aside first, so that a copy cut short is never taken for the whole.
replace() {
    made="$made $1.part"
    rm -rf "$1.part"
    run "copying $1" cp -R "$bundle/$1" "$1.part"
    [ -e "$1" ] || made="$made $1"
    rm -rf "$1"
    mv "$1.part" "$1"
}

build_library() {
    say 'building the library from corpus/'
    [ -n "$(ls index 2>/dev/null)" ] || made="$made index"
    run 'building the library' .venv/bin/python -m policyqa index corpus
}

finish() {
    printf '%s\n' "$release" >.venv/installed
    trap - EXIT
    rm -rf .venv.old .installing .install.log
    say "policyqa is installed in $folder ($(($(date +%s) - started)) s)"
    say "start it:  '$folder/start.sh'  and open http://127.0.0.1:7860"
    say "ask:       cd '$folder' && .venv/bin/policyqa ask '質問'"
}

undo() {
    status=$?
    trap - EXIT
    # Names without spaces, all of them ours.
    for name in $made; do rm -rf "./$name"; done
    [ "$status" -eq 0 ] || [ ! -e .venv.old ] || mv .venv.old .venv
    cd /
    [ "$status" -eq 0 ] || [ -z "$created" ] || rmdir "$folder"
    exit "$status"
}

# Run a command quietly: run WHAT COMMAND...; the last line it printed is the reason if it fails.
run() {
    what=$1
    shift
    "$@" >.install.log 2>&1 || fail "$what failed: $(grep -v '^ *$' .install.log | tail -n 1)"
}

say() {
    printf '%s\n' "$1"
}

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 1
}

main "$@"
