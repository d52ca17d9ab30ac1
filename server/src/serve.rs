//! The accept loop. Ours rather than axum's, whose connections have no clock: a client that says nothing, or says it one
//! byte at a time, is shown out.

use axum::{Router, extract::ConnectInfo, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tower::ServiceExt;

const CONNECTIONS_MAX: usize = 1_024;
const FIRST_BYTE_SECONDS: u64 = 15;
const HEADER_SECONDS: u64 = 10;
const HEADER_BYTES_MAX: usize = 64 * 1_024;
const DRAIN_SECONDS: u64 = 10;

/// Serves until `stop` resolves, then lets running requests finish.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = Arc::new(GracefulShutdown::new());
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or the peer left. A pause keeps the loop from spinning.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(place) = places.clone().acquire_owned().await else {
            break;
        };
        let watcher = graceful.watcher();
        let router = router.clone();
        tokio::spawn(async move {
            connection(stream, peer, router, watcher).await;
            drop(place);
        });
    }
    let Some(graceful) = Arc::into_inner(graceful) else {
        return;
    };
    if timeout(Duration::from_secs(DRAIN_SECONDS), graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in {DRAIN_SECONDS} s and were cut off");
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let waited = timeout(Duration::from_secs(FIRST_BYTE_SECONDS), stream.readable()).await;
    if !matches!(waited, Ok(Ok(()))) || stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEADER_SECONDS))
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}
