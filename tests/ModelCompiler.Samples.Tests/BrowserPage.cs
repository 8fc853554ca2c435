using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelCompiler.Samples.Tests;

/// <summary>A page of <see cref="Chromium"/>, driven by the DevTools protocol: what a user does, and what went wrong meanwhile.</summary>
internal sealed class BrowserPage : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(3));
    private int _lastId;

    /// <summary>Responses that are errors, exceptions of scripts, and what the console says is wrong.</summary>
    public List<string> Problems { get; } = [];

    public static async Task<BrowserPage> Open(Chromium browser, Uri address, int width, int height)
    {
        using var client = new HttpClient();
        var pages = JsonNode.Parse(await client.GetStringAsync(new Uri(browser.Address, "/json/list")))!.AsArray();
        var page = new BrowserPage();
        await page._socket.ConnectAsync(new Uri((string)pages.First(p => (string)p!["type"]! == "page")!["webSocketDebuggerUrl"]!), page._deadline.Token);
        foreach (string domain in (string[])["Page", "Network", "Runtime", "Log", "DOM"])
        {
            await page.Call(domain + ".enable");
        }

        await page.Resize(width, height);
        await page.Call("Page.navigate", new() { ["url"] = address.ToString() });
        await page.WaitFor("document.readyState === 'complete' && location.href !== 'about:blank'");
        return page;
    }

    public Task<JsonNode> Resize(int width, int height) =>
        Call("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false });

    /// <summary>Chooses a file in an input of the page.</summary>
    public async Task Choose(string selector, string path)
    {
        var document = await Call("DOM.getDocument");
        var input = await Call("DOM.querySelector", new() { ["nodeId"] = (int)document["root"]!["nodeId"]!, ["selector"] = selector });
        await Call("DOM.setFileInputFiles", new() { ["nodeId"] = (int)input["nodeId"]!, ["files"] = new JsonArray(path) });
    }

    /// <summary>Draws a line with the mouse, button down, between two points of an element: shares of its width and height.</summary>
    public async Task Drag(string selector, (double X, double Y) from, (double X, double Y) to)
    {
        var box = JsonNode.Parse(await Text($"JSON.stringify(document.querySelector('{selector}').getBoundingClientRect())"))!;
        (double X, double Y) At(double t) => (
            (double)box["x"]! + ((from.X + (t * (to.X - from.X))) * (double)box["width"]!),
            (double)box["y"]! + ((from.Y + (t * (to.Y - from.Y))) * (double)box["height"]!));
        await Mouse("mousePressed", At(0));
        for (int step = 1; step <= 8; step++)
        {
            await Mouse("mouseMoved", At(step / 8.0));
        }

        await Mouse("mouseReleased", At(1));
    }

    /// <summary>The value of an expression, as text.</summary>
    public async Task<string> Text(string expression)
    {
        var answer = await Call("Runtime.evaluate", new() { ["expression"] = $"String({expression})", ["returnByValue"] = true });
        return (string)answer["result"]!["value"]!;
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task WaitFor(string expression)
    {
        long start = Environment.TickCount64;
        while (await Text(expression) != "true")
        {
            if (Environment.TickCount64 - start > Patience.TotalMilliseconds)
            {
                throw new TimeoutException($"The page never came to: {expression}. It shows:\n{await Text("document.body?.innerText")}\nProblems: {string.Join('\n', Problems)}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>A picture of the page, PNG.</summary>
    public async Task<byte[]> Screenshot() => Convert.FromBase64String((string)(await Call("Page.captureScreenshot"))["data"]!);

    public void Dispose()
    {
        _socket.Dispose();
        _deadline.Dispose();
    }

    private Task<JsonNode> Mouse(string type, (double X, double Y) at) => Call(
        "Input.dispatchMouseEvent", new() { ["type"] = type, ["x"] = at.X, ["y"] = at.Y, ["button"] = "left", ["buttons"] = type == "mouseReleased" ? 0 : 1, ["clickCount"] = 1 });

    private async Task<JsonNode> Call(string method, JsonObject? parameters = null)
    {
        int id = ++_lastId;
        byte[] call = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] });
        await _socket.SendAsync(call, WebSocketMessageType.Text, true, _deadline.Token);
        while (true)
        {
            var message = await Receive();
            if ((int?)message["id"] == id)
            {
                return message["result"] ?? throw new InvalidOperationException($"{method}: {message}");
            }

            Note((string?)message["method"], message["params"]);
        }
    }

    private async Task<JsonNode> Receive()
    {
        using var message = new MemoryStream();
        byte[] part = new byte[1 << 16];
        ValueWebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(part.AsMemory(), _deadline.Token);
            message.Write(part, 0, received.Count);
        }
        while (!received.EndOfMessage);
        return JsonNode.Parse(message.ToArray())!;
    }

    private void Note(string? method, JsonNode? parameters)
    {
        string? problem = method switch
        {
            "Network.responseReceived" when (int)parameters!["response"]!["status"]! >= 400 => $"{parameters["response"]!["status"]} {parameters["response"]!["url"]}",
            "Network.loadingFailed" => (string?)parameters!["errorText"],
            "Runtime.exceptionThrown" => parameters!["exceptionDetails"]!.ToString(),
            "Log.entryAdded" when (string?)parameters!["entry"]!["level"] is "error" or "warning" => (string?)parameters["entry"]!["text"],
            _ => null,
        };
        if (problem is not null)
        {
            Problems.Add(problem);
        }
    }
}
