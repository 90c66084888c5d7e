//! Servers that are none, and ways that break: what a real sshd cannot be told to do.
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What a listener does with who connects.
#[derive(Clone, Copy)]
pub enum Manner {
    /// Takes the connection and says nothing.
    Silent,
    /// Says one byte of a banner now and then.
    Drips,
    /// Says what it is, then nothing.
    BannerOnly,
    /// Hangs up at once.
    HangsUp,
    /// Says this and hangs up.
    Says(&'static str),
}

/// A listener on 127.0.0.1; ends when dropped.
pub struct Fake {
    pub port: u16,
    pub visits: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    pub async fn start(manner: Manner) -> Fake {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let visits = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&visits);
        let task = tokio::spawn(async move {
            let mut kept = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                kept.spawn(behave(stream, manner));
            }
        });
        Fake { port, visits, task }
    }
}

async fn behave(mut stream: TcpStream, manner: Manner) {
    match manner {
        Manner::Silent => std::future::pending().await,
        Manner::Drips => loop {
            if stream.write_all(b"S").await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        },
        Manner::BannerOnly => {
            stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
            std::future::pending().await
        }
        Manner::HangsUp => {}
        Manner::Says(text) => {
            // a client that hung up already is none of ours
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        }
    }
}

/// A port that takes no connection: its queue is full, so the next one gets no answer at all.
pub struct Deaf {
    pub port: u16,
    _listener: TcpListener,
    _queue: Vec<JoinHandle<std::io::Result<TcpStream>>>,
}

impl Deaf {
    pub async fn start() -> Deaf {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        // until one is not taken any more
        loop {
            let mut attempt = tokio::spawn(TcpStream::connect(address));
            match tokio::time::timeout(Duration::from_millis(300), &mut attempt).await {
                Ok(taken) => queue.push(tokio::spawn(async { taken.unwrap() })),
                Err(_) => {
                    queue.push(attempt);
                    break;
                }
            }
        }
        Deaf { port: address.port(), _listener: listener, _queue: queue }
    }
}

/// A way to a server that can be cut.
pub struct Proxy {
    pub port: u16,
    cut: Arc<Cut>,
    task: JoinHandle<()>,
}

struct Cut {
    /// Bytes from the server after which the connection is reset.
    after: usize,
    /// From now on nothing passes, and nobody is told.
    hole: AtomicBool,
    changed: Notify,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// A way that works until it is cut.
    pub async fn to(port: u16) -> Proxy {
        Proxy::cutting(port, usize::MAX).await
    }

    /// A way that resets the connection after so many bytes from the server.
    pub async fn cutting(to: u16, after: usize) -> Proxy {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(Cut { after, hole: AtomicBool::new(false), changed: Notify::new() });
        let rules = Arc::clone(&cut);
        let task = tokio::spawn(async move {
            let mut kept = tokio::task::JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                kept.spawn(carry(client, to, Arc::clone(&rules)));
            }
        });
        Proxy { port, cut, task }
    }

    /// Swallows everything from now on, as a firewall does that forgot the connection.
    pub fn black_hole(&self) {
        self.cut.hole.store(true, Ordering::SeqCst);
        self.cut.changed.notify_waiters();
    }
}

async fn carry(mut client: TcpStream, to: u16, cut: Arc<Cut>) {
    let mut server = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
    let (mut up, mut down) = (vec![0; 4096], vec![0; 4096]);
    let mut passed = 0;
    loop {
        let mut changed = std::pin::pin!(cut.changed.notified());
        changed.as_mut().enable();
        if cut.hole.load(Ordering::SeqCst) {
            // both sockets stay open
            std::future::pending::<()>().await;
        }
        tokio::select! {
            () = changed => {}
            n = client.read(&mut up) => match n {
                Ok(n) if n > 0 => server.write_all(&up[..n]).await.unwrap(),
                _ => return,
            },
            n = server.read(&mut down) => match n {
                Ok(n) if n > 0 => {
                    let room = n.min(cut.after - passed);
                    passed += room;
                    if client.write_all(&down[..room]).await.is_err() {
                        return;
                    }
                    if passed >= cut.after {
                        rustix::net::sockopt::set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
                        return;
                    }
                }
                _ => return,
            },
        }
    }
}
