# Service levels and business hours with all that RT can say about them, in a zone whose clock changes.
Set($Timezone, 'America/New_York');

my %week = map { $_ => { Name => "day $_", Start => '9:00', End => '17:00' } } 1 .. 5;
my %always = map { $_ => { Name => "day $_", Start => '0:00', End => '24:00' } } 0 .. 6;
my %night = map { $_ => { Name => "night $_", Start => '22:00', End => '6:00' } } 1 .. 4;
my @holidays = ('2026-01-01', '2026-03-08', '2026-05-25', '2026-07-03', '2026-09-07', '2026-11-01', '2026-11-26', '2026-12-25');
Set(%ServiceBusinessHours,
  Default => { %week,   holidays => [@holidays] },
  Always  => { %always, holidays => [@holidays] },
  Night   => { %night,  holidays => [@holidays] },
);

my %levels;
for my $hours (qw(Default Always Night)) {
  for my $response (60, 240, 480) {
    for my $resolve (480, 960, 2400, 4800, 10080, 14400) {
      for my $ignore (0, 1) {
        my %ignore = $ignore ? (IgnoreOnStatuses => ['stalled']) : ();
        $levels{"$hours-$response-$resolve-$ignore"} = {
          BusinessHours => $hours,
          Response   => { BusinessMinutes => $response,     %ignore },
          KeepInLoop => { BusinessMinutes => 3 * $response, %ignore },
          Resolve    => { BusinessMinutes => $resolve,      %ignore },
        };
      }
    }
  }
}
Set(%ServiceAgreements, Default => 'Default-60-480-0', Levels => \%levels);
1;
