#!/bin/sh
# Install a bundle for real where there is no network, ask, serve; then break it in every way that
# must be noticed. Takes minutes: `make bundle-test`.
set -eu
QUESTION='2022年度に選定されたスマートシティ関連事業は何地域ですか。'
EXPECTED='「デジタル田園都市国家構想総合戦略に位置づける重点的施策」１．スマートシティ'

main() {
    archive=$(realpath "$1")
    # A name with spaces and Japanese, as folders have them.
    work=$(mktemp -d)/'閉域 網'
    mkdir "$work" "$work/home"
    trap 'ended $?' EXIT
    cd "$work"
    no_network
    unpack_and_install
    asks_and_serves
    installs_again
    refuses_what_is_broken
    keeps_what_was_there
    echo 'bundle_check: all passed'
}

no_network() {
    # A new namespace has its loopback down; `ip` is not everywhere.
    python3 -c 'import fcntl, socket, struct
up = struct.pack("16sh", b"lo", 0x41)
fcntl.ioctl(socket.socket(), 0x8914, up)'
    if python3 -c 'import socket; socket.create_connection(("1.1.1.1", 443), 5)' 2>/dev/null; then
        failed 'there is a network'
    fi
    export HOME="$work/home" LC_ALL=C.UTF-8
}

unpack_and_install() {
    (cd "$(dirname "$archive")" && sha256sum -c --quiet "$(basename "$archive").sha256")
    timed 'unpack' tar -xzf "$archive"
    bundle=$(echo policyqa-*-bundle*)
    timed 'install' sh "$bundle/install.sh"
    du -sm policyqa | sed 's/\t.*/ MB installed/'
    [ -z "$(ls -A home)" ] || failed "the installation wrote into HOME: $(ls -A home)"
}

asks_and_serves() {
    timed 'first answer' in_policyqa .venv/bin/policyqa ask "$QUESTION"
    first_citation policyqa
    runtime_torch
    began=$(seconds)
    policyqa/start.sh >serve.log 2>&1 &
    server=$!
    python3 -c 'import time, urllib.request
for attempt in range(240):
    try:
        status = urllib.request.urlopen("http://127.0.0.1:7860/").status
        break
    except OSError:
        time.sleep(0.25)
assert status == 200, status' || failed "GET / is not 200: $(tail -n 3 serve.log)"
    echo "start.sh to the page: $(python3 -c "print(f'{$(seconds) - $began:.1f}')") s"
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=''
}

# It answers where its packages are in the bundle, and else says what it needs.
runtime_torch() {
    expected='make bundle TORCH=1'
    [ -z "$(find "$bundle/wheels" -name 'torch-*')" ] || expected=$EXPECTED
    POLICYQA_RUNTIME=torch in_policyqa .venv/bin/policyqa ask "$QUESTION" >torch.log 2>&1 || true
    grep -q "$expected" torch.log || failed "runtime torch: $(cat torch.log)"
}

installs_again() {
    echo '# kept' >>policyqa/policyqa.toml
    echo '新しい文書です。' >policyqa/corpus/new.txt
    timed 'install again' sh "$bundle/install.sh" >again.log
    tail -n 1 again.log
    grep -q 'the packages are there' again.log || failed 'installing again installs again'
    grep -q '# kept' policyqa/policyqa.toml || failed 'policyqa.toml was overwritten'
    [ -e policyqa/corpus/new.txt ] || failed 'a document was removed'
    truncate -s 1000 policyqa/encoders/*/model.bin
    sh "$bundle/install.sh" >again.log
    first_citation policyqa
}

refuses_what_is_broken() {
    wheel=$(basename "$bundle"/wheels/rich-*.whl)
    fresh_copy && rm "broken/wheels/$wheel"
    refused "$wheel: FAILED open or read"
    fresh_copy && flip "broken/wheels/$wheel"
    refused "$wheel: FAILED"
    # Not in the manifest either: the packages are half installed when it is found missing.
    fresh_copy && without_wheel
    refused 'No matching distribution found for rich'
    mkdir other && echo mine >other/file
    sh "$bundle/install.sh" other >out 2>err && failed 'a folder in use was taken'
    [ "$(ls -A other)" = file ] || failed 'a folder in use was written to'
    rm -rf broken
    cp "$archive" flipped.tar.gz && flip flipped.tar.gz
    mkdir damaged
    # Whatever tar makes of it, what it leaves must not be installed.
    tar -xzf flipped.tar.gz -C damaged 2>/dev/null || true
    mv damaged/policyqa-*-bundle* broken
    refused ''
}

keeps_what_was_there() {
    fresh_copy && without_wheel
    sh broken/install.sh policyqa >out 2>err && failed 'an upgrade without a wheel went through'
    first_citation policyqa
    [ ! -e policyqa/.venv.old ] || failed 'the old environment was left aside'
}

fresh_copy() {
    rm -rf broken
    cp -al "$bundle" broken
}

without_wheel() {
    rm "broken/wheels/$wheel"
    grep -v "$wheel" "$bundle/MANIFEST.sha256" >manifest
    mv manifest broken/MANIFEST.sha256
}

# One byte in the middle of a file, in a copy: the file may be linked.
flip() {
    cp "$1" "$1.new"
    python3 -c 'import os, sys
with open(sys.argv[1], "r+b") as file:
    file.seek(os.path.getsize(sys.argv[1]) // 2)
    byte = file.read(1)[0]
    file.seek(-1, 1)
    file.write(bytes([byte ^ 1]))' "$1.new"
    mv "$1.new" "$1"
}

# broken/ must not install: one line with $1 in it, and nothing left.
refused() {
    sh broken/install.sh 'not there' >out 2>err && failed "it installed: $1"
    [ "$(wc -l <err)" -eq 1 ] || failed "not one line: $(cat err)"
    grep -q "$1" err || failed "does not say '$1': $(cat err)"
    [ ! -e 'not there' ] || failed "left behind: $(ls -A 'not there')"
    echo "refused: $(cat err)"
}

first_citation() {
    in_policyqa .venv/bin/policyqa ask "$QUESTION" --json >answer.json
    found=$(python3 -c 'import json
print(json.load(open("answer.json", encoding="utf-8"))["answer"]["evidence"][0]["citation"])')
    [ "$found" = "$EXPECTED" ] || failed "cites $found"
}

in_policyqa() {
    (cd policyqa && "$@")
}

seconds() {
    date +%s.%N
}

timed() {
    what=$1
    shift
    began=$(seconds)
    "$@"
    echo "$what: $(python3 -c "print(f'{$(seconds) - $began:.1f}')") s"
}

failed() {
    echo "bundle_check: $1" >&2
    exit 1
}

ended() {
    [ -z "${server:-}" ] || kill "$server"
    cd /
    rm -rf "$(dirname "$work")"
    exit "$1"
}

if [ "${1:-}" = --inside ]; then
    shift
    main "$@"
else
    # Nothing of this machine's settings: no pip index, no cache, no HOME, no network.
    python=$(python3 -c 'import os, sys; print(os.path.dirname(os.path.realpath(sys.executable)))')
    exec env -i PATH="$python:/usr/bin:/bin" TMPDIR="${TMPDIR:-/tmp}" \
        unshare --map-root-user --net sh "$0" --inside "$@"
fi
