#!/usr/bin/perl
# Loads the description that make_account.py writes into a Request Tracker 5, with the original times and authors.
#
#   RT_SITE_CONFIG=... RT_SITE_CONFIG_DIR=... perl -I/usr/share/request-tracker5/lib load.pl < account.jsonl
#
# It goes through RT's own Perl API, because REST dates every comment "now". No scrip runs, no mail leaves. This is a
# program of its own: it uses the modules of Request Tracker (GPL-2.0), and nothing of cutover uses it.
use strict;
use warnings;
use utf8;
use RT -init;
use Encode ();
use JSON ();
use MIME::Base64 ();
use MIME::Entity;

my $root = RT->SystemUser;
my %user_id;      # by name or address
my %ticket_id;    # by the number in the description
my %done;

my %act = (
    user          => \&add_user,
    ticket        => \&add_ticket,
    merge         => \&merge,
    link          => \&add_link,
    rename_option => sub { option($_[0]{field}, $_[0]{from})->__Set(Field => 'Name', Value => $_[0]{to}) },
    drop_option   => sub { option($_[0]{field}, $_[0]{option})->Delete },
    disable_field => sub { field($_[0]{field})->SetDisabled(1) },
    disable_queue => sub { queue($_[0]{queue})->SetDisabled(1) },
    disable_user  => sub { my $u = RT::User->new($root); $u->Load($_[0]{name}); $u->SetDisabled(1) },
    clock         => \&set_clock,
);

my $json = JSON->new->utf8;
while (my $text = <STDIN>) {
    my $line = $json->decode($text);
    my $act = $act{ $line->{kind} } or die "line $.: unknown kind $line->{kind}\n";
    $act->($line);
    $done{ $line->{kind} }++;
}
print join(', ', map { "$done{$_} $_" } sort keys %done), "\n";

sub add_user {
    my $x = shift;
    my $user = RT::User->new($root);
    # The address is set past RT's check, as an old import did: two people may then differ only in case.
    my ($id, $message) = $user->Create(Name => $x->{name}, RealName => $x->{real}, Privileged => $x->{privileged} ? 1 : 0,
        Organization => $x->{organization} // '', Lang => '');
    die "user $x->{name}: $message\n" unless $id;
    $user->__Set(Field => 'EmailAddress', Value => $x->{email});
    $user_id{ $x->{name} } = $user_id{ $x->{email} } = $id;
    if (length($x->{language} // '')) {
        my ($ok, $why) = $user->AddCustomFieldValue(Field => 'Language', Value => $x->{language}, RecordTransaction => 0);
        die "language of $x->{name}: $why\n" unless $ok;
    }
    for my $name (@{ $x->{groups} }) {
        my $group = RT::Group->new($root);
        $group->LoadUserDefinedGroup($name);
        my ($ok, $why) = $group->AddMember($id);
        die "$x->{name} in $name: $why\n" unless $ok;
    }
}

sub add_ticket {
    my $x = shift;
    my $queue = queue($x->{queue});
    my %values;
    for my $name (sort keys %{ $x->{fields} }) {
        $values{ 'CustomField-' . field($name)->id } = $x->{fields}{$name};
    }
    my $creator = $x->{requestors}[0] ? user($x->{requestors}[0]) : $root->id;
    my $ticket = RT::Ticket->new($root);
    my $first = $x->{lifecycle} eq 'returns' ? 'requested' : 'new';
    my ($id, undef, $message) = $ticket->Create(
        _RecordTransaction => 0, Queue => $queue->id, Subject => $x->{subject}, Status => $first, Priority => $x->{priority},
        Requestor => [map { user($_) } @{ $x->{requestors} }], Cc => [map { user($_) } @{ $x->{cc} }], AdminCc => [map { user($_) } @{ $x->{admin_cc} }],
        ($x->{owner} ? (Owner => user($x->{owner})) : ()), SLA => $x->{sla}, Created => $x->{created}, Creator => $creator,
        (map { ucfirst($_) => $x->{$_} } grep { defined $x->{$_} } qw(started starts told)), TimeEstimated => $x->{estimated}, %values,
    );
    die "ticket $x->{number}: $message\n" unless $id;
    $ticket_id{ $x->{number} } = $id;

    record($id, 'Create', { by => $x->{requestors}[0], at => $x->{created}, %$x{qw(body body_type files)} });
    for my $event (@{ $x->{events} }) {
        record($id, { comment => 'Comment', correspond => 'Correspond', status => 'Status' }->{ $event->{type} }, $event);
    }
    # These columns are written directly: the old system reached such states by ways that the lifecycle no longer allows.
    my %column = (Status => $x->{status}, Resolved => $x->{resolved}, Told => $x->{told}, TimeWorked => $x->{minutes}, Due => due($x, $ticket));
    for my $name (sort keys %column) {
        $ticket->__Set(Field => $name, Value => $column{$name}) if defined $column{$name};
    }
    touch($ticket, $x->{updated});
}

# The due time as RT's own service level rules give it from the creation: the earlier of response and resolution while
# nobody has answered, else the resolution.
sub due {
    my ($x, $ticket) = @_;
    return $x->{due} unless ($x->{due} // '') eq 'by service level';
    my $from = RT::Date->new($root);
    $from->Set(Format => 'sql', Value => $x->{created});
    my @times;
    for my $type ($x->{told} ? ('Resolve') : ('Response', 'Resolve')) {
        my $at = RT::SLA->Due(Ticket => $ticket, Queue => $ticket->QueueObj, Level => $x->{sla}, Type => $type, Time => $from->Unix);
        push @times, $at if defined $at;
    }
    return undef unless @times;
    my ($soonest) = sort { $a <=> $b } @times;
    my $date = RT::Date->new($root);
    $date->Set(Format => 'unix', Value => $soonest);
    return $date->ISO(Timezone => 'UTC');
}

sub record {
    my ($ticket, $type, $event) = @_;
    my $transaction = RT::Transaction->new($root);
    my ($ok, $message) = $transaction->Create(
        Ticket => $ticket, ObjectType => 'RT::Ticket', ObjectId => $ticket, Type => $type, ActivateScrips => 0, CommitScrips => 0,
        Created => $event->{at}, Creator => user($event->{by}), TimeTaken => $event->{minutes} // 0,
        ($type eq 'Status' ? (Field => 'Status', OldValue => $event->{old}, NewValue => $event->{new}) : (MIMEObj => mime($event))),
    );
    die "$type of ticket $ticket: $message\n" unless $ok;
    my $attachments = $transaction->Attachments;
    while (my $part = $attachments->Next) {
        $part->__Set(Field => 'Created', Value => $event->{at});
        $part->__Set(Field => 'Creator', Value => user($event->{by}));
    }
}

sub mime {
    my $event = shift;
    my $mime = MIME::Entity->build(Type => $event->{body_type}, Charset => 'UTF-8', Encoding => '8bit', Data => Encode::encode('UTF-8', $event->{body}));
    for my $file (@{ $event->{files} // [] }) {
        $mime->make_multipart('mixed');
        $mime->attach(Type => $file->{type}, Filename => Encode::encode('UTF-8', $file->{name}), Disposition => 'attachment',
            Encoding => 'base64', Data => MIME::Base64::decode_base64($file->{b64}));
    }
    return $mime;
}

sub merge {
    my $x = shift;
    my ($loser, $winner) = map { my $t = RT::Ticket->new($root); $t->Load($ticket_id{$_}); $t } @$x{qw(from into)};
    my ($at) = sort { $b cmp $a } $loser->LastUpdated, $winner->LastUpdated;
    my ($ok, $message) = $loser->MergeInto($winner->id);
    die "merge of $x->{from}: $message\n" unless $ok;
    $RT::Handle->dbh->do(q{UPDATE Transactions SET Created = ? WHERE Field = 'MergedInto' AND ObjectId IN (?, ?)}, undef, $at, @ticket_id{ @$x{qw(from into)} });
    touch($winner, $at);
}

sub add_link {
    my $x = shift;
    my $ticket = RT::Ticket->new($root);
    $ticket->Load($ticket_id{ $x->{base} });
    my $before = $ticket->LastUpdated;
    my $target = $ticket_id{ $x->{target} } // $x->{target};
    my ($ok, $message) = $ticket->AddLink(Type => $x->{type}, Target => $target, Silent => 1);
    warn "link of $x->{base}: $message\n" unless $ok;
    touch($ticket, $before);
}

# What RT dated "now" gets the account's own time, so that two loads export the same bytes. Root's address too is invented.
sub set_clock {
    my $x = shift;
    my $admin = RT::User->new($root);
    $admin->Load('root');
    $admin->__Set(Field => 'EmailAddress', Value => 'root@desk.example.org');
    for my $table (qw(Users Queues Groups CustomFields CustomFieldValues Links Scrips Templates)) {
        for my $column (qw(Created LastUpdated)) {
            $RT::Handle->dbh->do("UPDATE $table SET $column = ?", undef, $x->{at});
        }
    }
}

sub touch {
    my ($ticket, $at) = @_;
    $ticket->__Set(Field => 'LastUpdated', Value => $at);
}

sub user {
    my $name = shift;
    return $root->id unless defined $name;
    return $user_id{$name} // die "no user $name\n";
}

sub queue {
    my $queue = RT::Queue->new($root);
    $queue->Load($_[0]);
    die "no queue $_[0]\n" unless $queue->id;
    return $queue;
}

sub field {
    my $name = shift;
    my $fields = RT::CustomFields->new($root);
    $fields->FindAllRows;
    $fields->Limit(FIELD => 'Name', VALUE => $name, CASESENSITIVE => 0);
    return $fields->First || die "no custom field $name\n";
}

sub option {
    my ($field, $name) = @_;
    my $values = field($field)->Values;
    while (my $value = $values->Next) {
        return $value if $value->Name eq $name;
    }
    die "no option $name of $field\n";
}
