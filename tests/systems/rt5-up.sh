#!/bin/sh
# Request Tracker 5 from Debian 12 on SQLite, on 127.0.0.1 only. Run as root.
#
#   RT_DIR=/tmp/rt5 sh rt5-up.sh install   the apt packages, once
#   RT_DIR=/tmp/rt5 sh rt5-up.sh init      an empty database (drops the old one); root's token in $RT_DIR/token
#   RT_DIR=/tmp/rt5 sh rt5-up.sh start     the web server in the background; its process id in $RT_DIR/rt.pid
#   RT_DIR=/tmp/rt5 sh rt5-up.sh stop
#
# RT_CONFIG  a .pm file of Set(...) lines: lifecycles, service levels, business hours
# RT_SEED    RT's JSON initial data: queues, custom fields, groups, rights
# RT_QUIET   when set, notification scrips are disabled, as a migration must do
# RT_PORT    18091 unless set;  RT_WORKERS  4 unless set
#
# Afterwards: curl -H "Authorization: token $(cat $RT_DIR/token)" http://127.0.0.1:18091/REST/2.0/rt
set -eu

DIR=${RT_DIR:?name a scratch folder in RT_DIR}
PORT=${RT_PORT:-18091}
WORKERS=${RT_WORKERS:-4}
LIB=/usr/share/request-tracker5/lib

mkdir -p "$DIR/conf.d"
export RT_SITE_CONFIG="$DIR/RT_SiteConfig.pm" RT_SITE_CONFIG_DIR="$DIR/conf.d"

write_config() {
  cat >"$RT_SITE_CONFIG" <<PM
Set(\$rtname, 'desk.example.org');
Set(\$Organization, 'desk.example.org');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, $PORT);
Set(\$WebPath, '');
Set(\$Timezone, 'UTC');
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$DIR/rt.sqlite');
Set(\$MailCommand, 'testfile');      # mail is written to a file and never leaves
Set(\$LogToSyslog, undef);
Set(\$LogToSTDERR, 'warning');
Set(\$LogToFile, undef);
Set(\$BcryptCost, 4);                # each request checks a token: a third of a second at the usual cost of 12
Set(\$MaxAttachmentSize, 100_000_000);
Set(@InitialdataFormatHandlers, ('perl', 'RT::Initialdata::JSON'));
1;
PM
  if [ -n "${RT_CONFIG:-}" ]; then cp "$RT_CONFIG" "$DIR/conf.d/90-account.pm"; fi
}

# Runs a command quietly; its output is shown only when it fails.
logged() {
  "$@" >>"$DIR/init.log" 2>&1 || { tail -40 "$DIR/init.log" >&2; exit 1; }
}

case "${1:-}" in
install)
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q >/dev/null
  # dbconfig-no-thanks: the packages shall not make a database of their own.
  apt-get install -y -q --no-install-recommends ca-certificates curl python3 \
    request-tracker5 rt5-db-sqlite rt5-standalone dbconfig-no-thanks >"$DIR/apt.log" 2>&1
  ;;
init)
  write_config
  rm -f "$DIR"/rt.sqlite* "$DIR/init.log"
  logged rt-setup-database-5 --action init --skip-create --dba '' --dba-password ''
  if [ -n "${RT_SEED:-}" ]; then
    logged rt-setup-database-5 --action insert --skip-create --datafile "$RT_SEED" --dba '' --dba-password ''
  fi
  if [ -n "${RT_QUIET:-}" ]; then
    perl -I"$LIB" -MRT=-init -e '
      my $scrips = RT::Scrips->new(RT->SystemUser);
      $scrips->UnLimit;
      while (my $s = $scrips->Next) {
        my $mails = ($s->Description || "") =~ /Notify|Autoreply|Forward|Bounce/i || ($s->ActionObj->Name || "") =~ /^(Notify|Autoreply)/i;
        $s->SetDisabled(1) if $mails;
      }'
  fi
  # REST has no call that makes a token; the Perl API has.
  perl -I"$LIB" -MRT=-init -e '
    my $root = RT::User->new(RT->SystemUser);
    $root->Load("root");
    my ($ok, $message, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $root->id, Description => "tests");
    die "$message\n" unless $ok;
    print $token' >"$DIR/token"
  chown -R www-data:www-data "$DIR"
  ;;
start)
  setsid /usr/share/request-tracker5/libexec/rt-server --server Starlet \
    --host 127.0.0.1 --port "$PORT" --max-workers "$WORKERS" >"$DIR/server.log" 2>&1 &
  echo $! >"$DIR/rt.pid"
  tries=0
  until curl -sf -o /dev/null -H "Authorization: token $(cat "$DIR/token")" "http://127.0.0.1:$PORT/REST/2.0/rt"; do
    tries=$((tries + 1))
    if [ $tries -ge 60 ]; then tail -20 "$DIR/server.log" >&2; exit 1; fi
    sleep 0.5
  done
  ;;
stop)
  if [ -f "$DIR/rt.pid" ]; then
    kill "$(cat "$DIR/rt.pid")" 2>/dev/null || true
    rm -f "$DIR/rt.pid"
  fi
  ;;
*)
  echo "usage: RT_DIR=folder $0 install|init|start|stop" >&2
  exit 2
  ;;
esac
