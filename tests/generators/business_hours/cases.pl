#!/usr/bin/perl
# Random questions to Business::Hours 0.13, and its answers, as CSV. See README.md.
use strict;
use warnings;
use POSIX ();
use Business::Hours;

my $count = shift // 2000;
my $state = shift // 20260302;

# A small generator of our own, so that every machine asks the same questions.
sub number {
    my ($below) = @_;
    $state = ( $state * 1103515245 + 12345 ) % 2147483648;
    return int( $state / 65536 ) % $below;
}
sub one { return $_[ number( scalar @_ ) ] }
sub clock { return sprintf '%02d:%02d', int( $_[0] / 60 ), $_[0] % 60 }

my @zones = qw(
    America/New_York Europe/Berlin Australia/Lord_Howe Pacific/Apia Asia/Kolkata Africa/Casablanca America/St_Johns
    America/Havana Asia/Beirut America/Sao_Paulo Etc/UTC Pacific/Auckland America/Los_Angeles Asia/Tokyo
);
my @names = qw(sun mon tue wed thu fri sat);

print "zone,week,breaks,holidays,start,seconds,due\n";
for my $case ( 1 .. $count ) {
    my $zone = one(@zones);
    $ENV{TZ} = $zone;
    POSIX::tzset();

    # 1990 to 2040; every third start is near a change of the clock, where there is one.
    my $start = 631152000 + ( number(32768) * 32768 + number(32768) ) % 1577836800;
    if ( number(3) == 0 ) {
        my $before = ( localtime $start )[8];
        for my $day ( 1 .. 300 ) {
            my $at = $start + $day * 86400;
            if ( ( localtime $at )[8] != $before ) { $start = $at - number(4) * 86400 + number(86400); last }
        }
    }

    my ( %hours, @week, @breaks );
    my $round = one( 60, 60, 30, 15, 1 );
    my ( $from, $to ) = ( number( 1440 / $round ) * $round, ( 1 + number( 1440 / $round ) ) * $round );
    ( $from, $to ) = ( 540, 1020 ) if number(3) == 0;
    ( $from, $to ) = ( 0,   1440 ) if number(8) == 0;
    next if $from == $to;
    for my $dow ( 0 .. 6 ) {
        next if number(7) == 0 || ( $dow % 6 == 0 && number(3) );
        # What goes past midnight on Saturday is lost to whoever begins on Sunday; that is asked nowhere.
        next if $dow == 6 && $to <= $from;
        my %day = ( Name => $names[$dow], Start => clock($from), End => clock($to) );
        push @week, "$names[$dow] $day{Start}-$day{End}";
        if ( $to - $from >= 180 && number(3) == 0 ) {
            my $noon = $from + 60 + number( $to - $from - 119 );
            my ( $begins, $ends ) = ( clock($noon), clock( $noon + 30 ) );
            $day{Breaks} = [ { Start => $begins, End => $ends } ];
            push @breaks, "$names[$dow] $begins-$ends";
        }
        $hours{$dow} = \%day;
    }
    next unless @week;

    my %holidays;
    for ( 1 .. number(4) ) {
        my @day = localtime( $start + ( number(12) - 2 ) * 86400 );
        $holidays{ sprintf '%04d-%02d-%02d', $day[5] + 1900, $day[4] + 1, $day[3] } = 1;
    }
    my @holidays = sort keys %holidays;

    my $minutes = one( number(60), number(960), number(960), number(4800), number(15000) );
    my $seconds = 60 * $minutes;
    my $due = eval {
        my $calendar = Business::Hours->new;
        $calendar->business_hours( %hours, holidays => [@holidays] );
        $seconds ? $calendar->add_seconds( $start, $seconds ) : $calendar->first_after($start);
    };
    # A stretch that the clock skips as a whole ends it with an error, and so does the date that Samoa skipped: one of both is asked.
    next if !defined $due && $zone ne 'Pacific/Apia';
    $due = 'dies' unless defined $due;
    # Around a clock change in the far east, Time::Local takes 24:00 and later for an hour that is not there; that is no question about
    # hours.
    my $changes = $due ne 'dies' && $due > 0 && ( localtime $start )[8] != ( localtime $due )[8];
    next if ( $to == 1440 || ( $to <= $from && $changes ) ) && $zone =~ /^(Pacific|Australia)/;
    print join( ',', $zone, join( ';', @week ), join( ';', @breaks ), join( ' ', @holidays ), $start, $seconds, $due ), "\n";
}
