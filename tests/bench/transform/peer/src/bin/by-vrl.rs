//! by-vrl PROGRAM IN OUT REJECTS THREADS: one map, written in VRL. A record that it aborts is dropped; one that has a `reason` is a reject.

use vrl::compiler::runtime::{Runtime, Terminate};
use vrl::compiler::{TargetValueRef, TimeZone, compile};
use vrl::value::{Secrets, Value};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((program, args)) = args.split_first() else {
        eprintln!("usage: by-vrl PROGRAM IN OUT REJECTS THREADS");
        std::process::exit(2);
    };
    let text = std::fs::read_to_string(program).expect("the program");
    let program = match compile(&text, &vrl::stdlib::all()) {
        Ok(compiled) => compiled.program,
        Err(found) => {
            eprintln!("{}", vrl::diagnostic::Formatter::new(&text, found));
            std::process::exit(1)
        }
    };
    let zone = TimeZone::default();
    peer::run(args, || {
        let (mut runtime, program, zone) = (Runtime::default(), &program, &zone);
        move |line: &[u8], out: &mut Vec<u8>, rejects: &mut Vec<u8>| {
            let mut value: Value = serde_json::from_slice(line).expect("a ticket");
            let mut metadata = Value::Object(Default::default());
            let mut secrets = Secrets::new();
            let mut target =
                TargetValueRef { value: &mut value, metadata: &mut metadata, secrets: &mut secrets };
            match runtime.resolve(&mut target, program, zone) {
                Ok(_) => {}
                Err(Terminate::Abort(_)) => return runtime.clear(),
                Err(error) => panic!("{error:?}"),
            }
            runtime.clear();
            let rejected = value.as_object().is_some_and(|object| object.contains_key("reason"));
            let to = if rejected { rejects } else { out };
            serde_json::to_writer(&mut *to, &value).expect("memory");
            to.push(b'\n');
        }
    });
}
