//! The accept loop. Ours rather than axum's, whose connections have no clock: a client that says nothing, or says it one
//! byte at a time, is shown out.

use axum::{
    Extension, Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::timeout,
};
use tower::ServiceExt;

const HEADER_BYTES_MAX: usize = 64 * 1_024;

/// How many clients there may be, and how long each may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub connections: usize,
    pub first_byte: Duration,
    pub header: Duration,
    /// From the end of the header to the beginning of the answer: longer than the longest statement may take.
    pub request: Duration,
    /// For requests that run when the server is told to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            first_byte: Duration::from_secs(15),
            header: Duration::from_secs(10),
            request: Duration::from_secs(60),
            drain: Duration::from_secs(10),
        }
    }
}

/// Tells an answer that goes on for as long as someone listens when the server is told to stop.
#[derive(Debug, Clone)]
pub struct Stopping(watch::Receiver<bool>);

impl Stopping {
    pub async fn begun(mut self) {
        // A sender that is gone has stopped as well.
        let _told_or_gone = self.0.wait_for(|stopping| *stopping).await;
    }
}

/// Serves until `stop` resolves, then lets running requests finish.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let (tell, stopping) = watch::channel(false);
    let router = router.layer(Extension(Stopping(stopping)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let arrival = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            arrival = arrival => arrival,
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
        let (watcher, router) = (graceful.watcher(), router.clone());
        tokio::spawn(async move {
            connection(stream, peer, router, limits, watcher).await;
            drop(place);
        });
    }
    tell.send_replace(true);
    if timeout(limits.drain, graceful.shutdown()).await.is_err() {
        tracing::warn!(after = ?limits.drain, "some requests did not finish and were cut off");
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    watcher: Watcher,
) {
    let waited = timeout(limits.first_byte, stream.readable()).await;
    if !matches!(waited, Ok(Ok(()))) || stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = timeout(limits.request, router.clone().oneshot(request));
        async move { answer.await.unwrap_or_else(|_| Ok(too_slow())) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}

/// To a body that does not end. What the request began in the database goes on or is undone without it.
fn too_slow() -> Response {
    let mut response = Response::new(Body::from("The request took too long. Send it again\n"));
    *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Bytes, routing::post};
    use std::time::Instant;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
        task::JoinHandle,
    };

    const SHORT: Duration = Duration::from_millis(200);
    /// Far more than any limit here, and far less than a client that is waited for would take.
    const LONG: Duration = Duration::from_secs(10);

    /// An answer that goes on until the server is told to stop.
    async fn until_stopped(Extension(stopping): Extension<Stopping>) -> Body {
        let last = async {
            stopping.begun().await;
            Ok::<_, std::convert::Infallible>("over")
        };
        Body::from_stream(futures::stream::once(last))
    }

    /// A server with short limits that says back what it is told.
    async fn server(connections: usize) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/", post(|body: Bytes| async move { body }))
            .route("/until-stopped", post(until_stopped));
        let limits = Limits {
            connections,
            first_byte: SHORT,
            header: SHORT,
            request: SHORT,
            drain: SHORT,
        };
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            let _told_or_gone = stopped.await;
        };
        let running = tokio::spawn(serve(listener, router, limits, stopped));
        (address, stop, running)
    }

    /// What the server says until it closes.
    async fn heard(mut stream: TcpStream) -> String {
        let mut all = Vec::new();
        let read = timeout(LONG, stream.read_to_end(&mut all)).await;
        assert!(read.is_ok(), "the connection is still open");
        String::from_utf8_lossy(&all).into_owned()
    }

    const GOOD: &[u8] =
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi";

    #[tokio::test]
    async fn who_says_nothing_is_shown_out() {
        let (address, _stop, _running) = server(8).await;
        let silent = TcpStream::connect(address).await.unwrap();
        assert_eq!(heard(silent).await, "");
    }

    #[tokio::test]
    async fn who_says_it_byte_by_byte_is_shown_out() {
        let (address, _stop, _running) = server(8).await;
        let mut slow = TcpStream::connect(address).await.unwrap();
        let started = Instant::now();
        for byte in GOOD.iter().cycle() {
            if slow.write_all(&[*byte]).await.is_err() || started.elapsed() > LONG {
                break;
            }
            tokio::time::sleep(SHORT / 4).await;
        }
        assert!(started.elapsed() < LONG);
    }

    #[tokio::test]
    async fn a_body_that_does_not_end_is_answered() {
        let (address, _stop, _running) = server(8).await;
        let mut stuck = TcpStream::connect(address).await.unwrap();
        stuck.write_all(&GOOD[..GOOD.len() - 1]).await.unwrap();
        let answer = heard(stuck).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }

    #[tokio::test]
    async fn who_listens_for_as_long_as_there_is_something_is_told_of_the_end() {
        let (address, stop, running) = server(8).await;
        let mut listener = TcpStream::connect(address).await.unwrap();
        listener
            .write_all(b"POST /until-stopped HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        let mut head = [0; 12];
        listener.read_exact(&mut head).await.unwrap();
        stop.send(()).unwrap();
        let rest = heard(listener).await;
        assert!(rest.contains("over"), "it was cut off: {rest}");
        assert!(timeout(LONG, running).await.is_ok());
    }

    #[tokio::test]
    async fn a_full_house_serves_the_next_one_later_and_can_be_closed() {
        let (address, stop, running) = server(1).await;
        let _silent = TcpStream::connect(address).await.unwrap();
        let mut next = TcpStream::connect(address).await.unwrap();
        next.write_all(GOOD).await.unwrap();
        assert!(heard(next).await.ends_with("hi"));
        let _silent = TcpStream::connect(address).await.unwrap();
        stop.send(()).unwrap();
        assert!(timeout(LONG, running).await.is_ok());
    }
}
