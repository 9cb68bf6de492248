# Configuration of the example account: two lifecycles beside RT's own, business hours with holidays, service levels.
# RT keeps these in files, not in its database.
Set(%Lifecycles,
  helpdesk => {
    type     => 'ticket',
    initial  => ['new'],
    active   => ['open', 'waiting-on-customer', 'waiting-on-vendor', 'on-hold'],
    inactive => ['solved', 'closed', 'spam'],
    defaults => { on_create => 'new', approved => 'open', denied => 'closed' },
    transitions => {
      ''                    => [qw(new open solved)],
      new                   => [qw(open waiting-on-customer waiting-on-vendor on-hold solved spam)],
      open                  => [qw(waiting-on-customer waiting-on-vendor on-hold solved)],
      'waiting-on-customer' => [qw(open on-hold solved)],
      'waiting-on-vendor'   => [qw(open on-hold solved)],
      'on-hold'             => [qw(open solved)],
      solved                => [qw(open closed)],
      closed                => [],     # nothing leaves a closed ticket
      spam                  => ['new'],
    },
    rights  => { '* -> *' => 'ModifyTicket' },
    actions => [],
  },
  returns => {
    type     => 'ticket',
    initial  => ['requested'],
    active   => ['label sent', 'in transit', 'inspecting'],
    inactive => ['refunded', 'replaced', 'refused'],
    defaults => { on_create => 'requested' },
    transitions => {
      ''           => ['requested'],
      requested    => ['label sent', 'refused'],
      'label sent' => ['in transit', 'refused'],
      'in transit' => ['inspecting'],
      inspecting   => ['refunded', 'replaced', 'refused'],
      refunded     => [],
      replaced     => [],
      refused      => ['inspecting'],
    },
    rights  => { '* -> *' => 'ModifyTicket' },
    actions => [],
  },
);

my %weekday = (Start => '9:00', End => '17:00');
Set(%ServiceBusinessHours,
  Default => {
    1 => { Name => 'Monday',    %weekday },
    2 => { Name => 'Tuesday',   %weekday },
    3 => { Name => 'Wednesday', %weekday },
    4 => { Name => 'Thursday',  %weekday },
    5 => { Name => 'Friday',    %weekday },
    holidays => ['01-01', '05-01', '12-25', '12-26', '2026-04-03', '2026-04-06'],
  },
  Returns => {
    1 => { Name => 'Monday',   Start => '8:00', End => '20:00' },
    3 => { Name => 'Wednesday', Start => '8:00', End => '20:00' },
    6 => { Name => 'Saturday', Start => '10:00', End => '14:00' },
    holidays => ['12-25'],
  },
);
Set(%ServiceAgreements,
  Default => 'standard',
  QueueDefault => { Returns => 'returns' },
  Levels => {
    standard => { Response => { BusinessMinutes => 240 }, Resolve => { BusinessMinutes => 1440 } },
    urgent   => { Response => { RealMinutes => 30 },      Resolve => { RealMinutes => 480 } },
    returns  => { BusinessHours => 'Returns', Resolve => { BusinessMinutes => 3600 } },
  },
);
1;
