#!/bin/sh
# Scrapes of 10,000 flows, next to nginx that serves the same bytes as files
# and node_exporter's textfile collector with the same series.  CPU is that of
# the server, user and system, from /proc/PID/stat.  Rows go to $BENCH_ROWS.
set -u
cd "$(dirname "$0")/../.."
out=${OUT:-build/release-gcc}
rows=${BENCH_ROWS:-/dev/stdout}
exporter=$out/flowverify_exporter
for tool in wrk curl bash "$exporter"; do
    command -v "$tool" >/dev/null || { echo "web: skipped, no $tool"; exit 0; }
done
work=$(mktemp -d)
pids=
cleanup() {
    for pid in $pids; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

port=19480
free_port() {
    port=$((port + 1))
    while curl -s -o /dev/null "http://127.0.0.1:$port/"; do
        port=$((port + 1))
    done
}
await() {
    for _ in $(seq 100); do
        curl -sf -o /dev/null "$1" && return 0
        sleep 0.05
    done
    echo "web: $1 does not answer" >&2
    return 1
}
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
rss_kb() { awk '/^VmRSS/ {print $2}' "/proc/$1/status"; }
row() { # NAME VALUE UNIT TARGET MET [PEER PEER_VALUE RATIO]
    if [ $# -gt 5 ]; then
        peer=$(printf ',"peer":"%s","peer_value":%s,"ratio":%s' "$6" "$7" "$8")
    else
        peer=
    fi
    printf '{"name":"%s","value":%s,"unit":"%s","target":"%s","met":%s%s}\n' \
        "$1" "$2" "$3" "$4" "$5" "$peer" >>"$rows"
    printf '  %-42s %10s %-3s target %s, met: %s\n' "$1" "$2" "$3" "$4" "$5"
}
# Asks process $2 for $3 over $4 seconds and notes its CPU under the name $1;
# more words are for wrk.
load() {
    name=$1 pid=$2 url=$3 seconds=$4
    shift 4
    before=$(ticks "$pid")
    requests=$(wrk -t1 -c1 -d"${seconds}s" "$@" "$url" | awk '/requests in/ {print $1}')
    after=$(ticks "$pid")
    echo "$((after - before)) $requests" >>"$work/load-$name"
}
# CPU milliseconds of one request, over all that was noted under the name $1.
cpu_ms() {
    awk -v hz="$(getconf CLK_TCK)" '{t += $1; n += $2}
        END {printf "%.4f", (n ? t * 1000 / hz / n : 0)}' "$work/load-$1"
}
at_most() { awk -v a="$1" -v b="$2" 'BEGIN {print (a <= b ? "true" : "false")}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.4f", (b > 0 ? a / b : 0)}'; }

start_exporter() { # FLOWS
    sh tests/bench/web_estate.sh "$work/estate-$1" "$1"
    free_port
    started=$(date +%s%N)
    "$exporter" --config.file="$work/estate-$1/flowverify.cfg" \
        --web.listen-address="127.0.0.1:$port" 2>"$work/log-$1" &
    pid=$!
    pids="$pids $pid"
    url=http://127.0.0.1:$port/metrics
}

echo "Scrapes"
start_exporter 100
# A program that is started for each try would take longer than the exporter.
# Nothing comes from descriptor 4: to read from it is to sleep.
bash -c 'exec 4<> <(:)
    until { exec 3<>"/dev/tcp/127.0.0.1/$0"; } 2>/dev/null \
        && printf "GET /metrics HTTP/1.0\r\n\r\n" >&3 \
        && read -r -u 3 line && [[ $line == *" 200 "* ]]; do
        read -r -t 0.001 -u 4
    done' "$port"
ms=$((($(date +%s%N) - started) / 1000000))
row web_start_to_first_byte_100 "$ms" ms "<= 20" "$(at_most $ms 20)"
sleep 1
kb=$(rss_kb $pid)
mb=$(awk -v k="$kb" 'BEGIN {printf "%.1f", k / 1024}')
row web_rss_100 "$mb" MB "<= 8" "$(at_most "$mb" 8)"

start_exporter 10000
await "$url"
sleep 2
own=$pid own_url=$url
mkdir -p "$work/www"
curl -s "$own_url" >"$work/www/metrics"
gzip -9k "$work/www/metrics"

nginx=

if command -v nginx >/dev/null; then
    free_port
    cat >"$work/nginx.conf" <<END
daemon off; worker_processes 1; master_process off; pid $work/nginx.pid;
error_log stderr error;
events { worker_connections 256; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; gzip_static on; default_type text/plain;
  client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
  server { listen 127.0.0.1:$port; root $work/www; } }
END
    nginx -c "$work/nginx.conf" -p "$work" 2>"$work/nginx.log" &
    nginx=$!
    pids="$pids $nginx"
    nginx_url=http://127.0.0.1:$port/metrics
    await "$nginx_url" || nginx=
else
    echo "  nginx is not installed"
fi

# In turns, so that both meet the machine in the same state.
for _ in 1 2 3 4 5 6; do
    load own "$own" "$own_url" 1
    load own-gzip "$own" "$own_url" 1 -H 'Accept-Encoding: gzip'
    if [ "$nginx" ]; then
        load nginx "$nginx" "$nginx_url" 1
        load nginx-gzip "$nginx" "$nginx_url" 1 -H 'Accept-Encoding: gzip'
    fi
done
packed=$(cpu_ms own-gzip)
if [ "$nginx" ]; then
    identity=$(cpu_ms own)
    peer=$(cpu_ms nginx)
    r=$(ratio "$identity" "$peer")
    row web_scrape_identity_10000 "$identity" ms "<= 2 x nginx" "$(at_most "$r" 2)" nginx "$peer" "$r"
    peer=$(cpu_ms nginx-gzip)
    r=$(ratio "$packed" "$peer")
    row web_scrape_gzip_10000 "$packed" ms "<= 1.3 x nginx" "$(at_most "$r" 1.3)" "nginx gzip_static" "$peer" "$r"
fi

if command -v prometheus-node-exporter >/dev/null; then
    free_port
    mkdir -p "$work/textfile"
    grep -vE '^process_|^# (HELP|TYPE) process_' "$work/www/metrics" >"$work/textfile/flows.prom"
    prometheus-node-exporter --collector.disable-defaults --collector.textfile \
        --collector.textfile.directory="$work/textfile" \
        --web.listen-address="127.0.0.1:$port" 2>"$work/node.log" &
    node=$!
    pids="$pids $node"
    if await "http://127.0.0.1:$port/metrics"; then
        load node "$node" "http://127.0.0.1:$port/metrics" 20 --timeout 30s -H 'Accept-Encoding: gzip'
        peer=$(cpu_ms node)
        r=$(ratio "$packed" "$peer")
        row web_scrape_gzip_10000_textfile "$packed" ms "<= 1/1000 of node_exporter" "$(at_most "$r" 0.001)" "node_exporter textfile" "$peer" "$r"
    fi
else
    echo "  node_exporter is not installed"
fi

slow=
for _ in $(seq 50); do
    curl -s --limit-rate 2500 -o /dev/null --max-time 20 "$own_url" &
    slow="$slow $!"
done
sleep 1
p99=$(wrk -t1 -c1 -d5s --latency -H 'Accept-Encoding: gzip' "$own_url" \
    | awk '$1 == "99%" {v = $2; if (v ~ /us$/) v = v / 1000; else if (v ~ /ms$/) v += 0; else v = v * 1000; print v + 0}')
for pid in $slow; do kill "$pid" 2>/dev/null; done
row web_p99_with_50_slow_clients "$p99" ms "<= 20" "$(at_most "$p99" 20)"
mb=$(awk -v k="$(rss_kb $own)" 'BEGIN {printf "%.1f", k / 1024}')
row web_rss_10000 "$mb" MB "<= 40" "$(at_most "$mb" 40)"
