#!/usr/bin/perl
# Writes what REST 2 does not show into the folder of an export: lifecycles, service levels, business hours, scrips, templates.
#
#   RT_SITE_CONFIG=... RT_SITE_CONFIG_DIR=... perl -I/usr/share/request-tracker5/lib export_config.pl FOLDER
#
# An administrator runs it on RT's own machine. It reads only. A program of its own: it uses the modules of Request
# Tracker (GPL-2.0), and nothing of cutover uses it.
use strict;
use warnings;
use RT -init;
use JSON ();

my $folder = shift or die "usage: export_config.pl FOLDER\n";
my $json = JSON->new->utf8->canonical;

my $lifecycles = RT->Config->Get('Lifecycles');
file('lifecycles.jsonl', map {
    my $l = $lifecycles->{$_};
    { Name => $_, Type => $l->{type} || 'ticket', Statuses => [map { @{ $l->{$_} || [] } } qw(initial active inactive)], Initial => $l->{initial} || [], Active => $l->{active} || [], Inactive => $l->{inactive} || [],
      OnCreate => $l->{defaults}{on_create}, Transitions => $l->{transitions} || {} }
} grep { !/^__/ && ($lifecycles->{$_}{type} || 'ticket') eq 'ticket' } sort keys %$lifecycles);

my $agreements = RT->Config->Get('ServiceAgreements') || {};
my $levels = $agreements->{Levels} || {};
file('service_levels.jsonl', map {
    my $level = $_;
    my $l = $levels->{$level};
    { Name => $level, BusinessHours => $l->{BusinessHours} || 'Default',
      Queues => [grep { $agreements->{QueueDefault}{$_} eq $level } sort keys %{ $agreements->{QueueDefault} || {} }],
      Default => ($agreements->{Default} || '') eq $level ? JSON::true : JSON::false,
      Targets => [map { targets($_, $l->{$_}) } qw(Response KeepInLoop Resolve)], map { $_ => minutes($l->{$_}) } qw(Response KeepInLoop Resolve) }
} sort keys %$levels);

my $hours = RT->Config->Get('ServiceBusinessHours') || {};
file('business_hours.jsonl', map {
    my $h = $hours->{$_};
    { Name => $_, TimeZone => RT->Config->Get('Timezone'), Holidays => $h->{holidays} || [],
      Hours => [map { "$h->{$_}{Name} $h->{$_}{Start}-$h->{$_}{End}" } sort grep { /^\d$/ } keys %$h] }
} sort keys %$hours);

my $scrips = RT::Scrips->new(RT->SystemUser);
$scrips->FindAllRows;
$scrips->UnLimit;
my @scrips;
while (my $s = $scrips->Next) {
    push @scrips, { id => $s->id + 0, Description => $s->Description, Condition => $s->ConditionObj->Name, Action => $s->ActionObj->Name,
        Template => $s->Template, Global => $s->IsGlobal ? JSON::true : JSON::false, Disabled => $s->Disabled ? JSON::true : JSON::false };
}
file('scrips.jsonl', sort { $a->{id} <=> $b->{id} } @scrips);

my $templates = RT::Templates->new(RT->SystemUser);
$templates->UnLimit;
my @templates;
while (my $t = $templates->Next) {
    push @templates, { id => $t->id + 0, Name => $t->Name, Type => $t->Type, Description => $t->Description,
        Queue => $t->Queue ? $t->QueueObj->Name : undef, Size => length($t->Content // '') };
}
file('templates.jsonl', sort { $a->{id} <=> $b->{id} } @templates);

# A target in words, once a time base.
sub targets {
    my ($name, $target) = @_;
    my %words = (BusinessMinutes => 'business minutes', RealMinutes => 'minutes');
    return map { "$name in $target->{$_} $words{$_}" } grep { defined(($target || {})->{$_}) } sort keys %words;
}

# Minutes of a target, by time base; undef where the level has no such target.
sub minutes {
    my $target = shift or return undef;
    return { map { $_ => $target->{$_} + 0 } grep { defined $target->{$_} } qw(BusinessMinutes RealMinutes) };
}

sub file {
    my ($name, @lines) = @_;
    open my $out, '>:raw', "$folder/$name" or die "$folder/$name: $!\n";
    print $out $json->encode($_), "\n" for @lines;
    close $out or die "$folder/$name: $!\n";
    printf "%-22s %6d\n", $name, scalar @lines;
}
