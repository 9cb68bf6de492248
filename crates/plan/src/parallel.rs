//! Two things at a time. A large plan is written in half the time with it; a small one never meets it.

/// From how many items on a second thread pays.
pub const PAYS: usize = 500;

/// Both results, made side by side where there is enough to do for it to pay. The result is the same in any case. `a` runs on the second thread.
pub fn both<A: Send, B>(items: usize, a: impl Fn() -> A + Sync, b: impl FnOnce() -> B) -> (A, B) {
    if items < PAYS {
        return (a(), b());
    }
    beside(a, b)
}

/// Both results, made side by side where a thread can be had; for whoever knows by another measure that it pays.
pub fn beside<A: Send, B>(a: impl Fn() -> A + Sync, b: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().spawn_scoped(scope, &a);
        let b = b();
        let a = match worker {
            Ok(worker) => worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => a(),
        };
        (a, b)
    })
}

#[cfg(test)]
mod tests {
    use super::{PAYS, both};

    #[test]
    fn large_and_small_give_the_same() {
        for items in [0, PAYS] {
            assert_eq!(both(items, || 1 + 1, || "b"), (2, "b"));
        }
    }
}
