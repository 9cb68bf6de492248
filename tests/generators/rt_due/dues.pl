#!/usr/bin/perl
# Makes tickets in a real Request Tracker 5, lets its own action set Due, and writes what it set as CSV. See README.md.
# A program of its own: it uses the modules of Request Tracker (GPL-2.0), and nothing of cutover uses it.
use strict;
use warnings;
use RT -init;
use RT::Action::SLA_SetDue;
use POSIX ();

my $count = shift // 120;
my $state = shift // 4711;
my $root  = RT->SystemUser;

# A small generator of our own, so that every machine makes the same tickets.
sub number {
    my ($below) = @_;
    $state = ( $state * 1103515245 + 12345 ) % 2147483648;
    return int( $state / 65536 ) % $below;
}
sub one { return $_[ number( scalar @_ ) ] }
sub sql { return POSIX::strftime( '%Y-%m-%d %H:%M:%S', gmtime $_[0] ) }

my $customer = RT::User->new($root);
my ($customer_id) = $customer->LoadOrCreateByEmail('customer@example.org');

sub record {
    my ( $ticket, $at, $by, $type, %more ) = @_;
    my $transaction = RT::Transaction->new($root);
    my ( $ok, $message ) = $transaction->Create(
        Ticket => $ticket->id, ObjectType => 'RT::Ticket', ObjectId => $ticket->id, Type => $type,
        ActivateScrips => 0, CommitScrips => 0, Created => sql($at), Creator => $by, %more,
    );
    die "$type: $message\n" unless $ok;
    return $transaction;
}

print "hours,response,loop,resolve,ignores,created,acted,outside,paused_from,paused_to,due\n";
for my $n ( 1 .. $count ) {
    my ( $hours, $response, $resolve, $ignore ) =
        ( one(qw(Default Always Night)), one( 60, 240, 480 ), one( 480, 960, 2400, 4800, 10080, 14400 ), number(2) );
    # Half of them around the changes of March and November 2026.
    my $created = 1767225600 + number(330) * 86400 + number(86400);
    $created = one( 1772949600, 1793512800 ) - number(12) * 86400 + number(86400) if number(2);
    my $ticket = RT::Ticket->new($root);
    my ( $id, undef, $message ) = $ticket->Create(
        _RecordTransaction => 0, Queue => 'General', Subject => "ticket $n", Status => 'new', Requestor => [$customer_id],
        SLA => "$hours-$response-$resolve-$ignore", Created => sql($created), Creator => $customer_id,
    );
    die "ticket $n: $message\n" unless $id;
    my $last = record( $ticket, $created, $customer_id, 'Create' );

    # Of several messages in a row from outside, the first one counts.
    my ( $acted, $outside, $at ) = ( $created, 1, $created );
    for ( 1 .. number(4) ) {
        $at += 600 + number(40000);
        my $from_outside = number(2);
        $last = record( $ticket, $at, $from_outside ? $customer_id : $root->id, 'Correspond' );
        $acted = $at if !$from_outside || !$outside;
        $outside = $from_outside;
    }
    my ( $from, $to ) = ( '', '' );
    if ( number(3) == 0 ) {
        $from = $at + 300;
        $last = record( $ticket, $from, $root->id, 'Status', Field => 'Status', OldValue => 'open', NewValue => 'stalled' );
        $ticket->__Set( Field => 'Status', Value => 'stalled' );
        if ( number(2) ) {
            $to = $from + 3600 + number(90000);
            $last = record( $ticket, $to, $root->id, 'Status', Field => 'Status', OldValue => 'stalled', NewValue => 'open' );
            $ticket->__Set( Field => 'Status', Value => 'open' );
        }
    }
    my $action = RT::Action::SLA_SetDue->new( TicketObj => $ticket, TransactionObj => $last, CurrentUser => $root );
    die "ticket $n: no action\n" unless $action->Prepare && $action->Commit;
    $ticket->Load($id);
    my $due = $ticket->DueObj->Unix;
    print join( ',', $hours, $response, 3 * $response, $resolve, $ignore, $created, $acted, $outside, $from, $to, $due > 0 ? $due : 'none' ), "\n";
}
