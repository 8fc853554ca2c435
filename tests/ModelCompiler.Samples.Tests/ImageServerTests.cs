using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Samples.Tests;

/// <summary>The server as clients see it, and its page as a user does, in a browser.</summary>
public sealed class ImageServerTests(ImageServerTests.Server server) : IClassFixture<ImageServerTests.Server>
{
    private const int Side = 56;

    private static readonly string Sample = Path.Combine(PublicModels.RepositoryRoot, "samples", "ImageServer");

    [Fact]
    public async Task The_page_tells_the_digit_of_a_picture_and_of_a_drawing()
    {
        Assert.SkipWhen(Chromium.Unavailable is not null, Chromium.Unavailable ?? "");
        using var folder = new Workspace();
        using var browser = Chromium.Start(folder.PathOf("profile"));
        using var page = await BrowserPage.Open(browser, server.Client.BaseAddress!, 1000, 820);

        Assert.Equal("?", await Digit(page));
        foreach (var (picture, digit) in new[] { ("seven.png", "7"), ("five.png", "5") })
        {
            await page.Choose("#file", Path.Combine(Sample, "pictures", picture));
            await page.WaitFor($"document.getElementById('digit').textContent === '{digit}' && document.getElementById('status').textContent.startsWith('Answered in')");
            await Attach(page, $"ImageServer-{digit}.png");
        }

        Assert.Equal(10, int.Parse(await page.Text("document.querySelectorAll('#scores li').length"), null));
        await page.Text("document.getElementById('clear').click()");
        Assert.Equal("?", await Digit(page));
        await page.Drag("#paper", (0.5, 0.2), (0.48, 0.8));
        await page.WaitFor("document.getElementById('digit').textContent === '1'");
        await page.Resize(390, 844);
        await Attach(page, "ImageServer-phone.png");

        Assert.Empty(page.Problems);
    }

    [Fact]
    public async Task Requests_that_come_together_share_runs_and_are_measured()
    {
        byte[] paper = [.. Enumerable.Repeat(byte.MaxValue, Side * Side * 4)];
        await Post(Side, Side, paper);
        var before = await Metrics();
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Post(Side, Side, paper)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        var digits = await Task.WhenAll(answers.Select(answer => answer.Content.ReadFromJsonAsync<JsonObject>()));
        Assert.Single(digits.Select(answer => (string)answer!["digit"]!).Distinct());
        var after = await Metrics();
        double Change(string name) => after[name] - before[name];
        Assert.Equal(64, Change("modelcompiler_run_samples_sum"));
        Assert.InRange(Change("modelcompiler_run_samples_count"), 4, 63);
        Assert.Equal(Change("modelcompiler_run_samples_count"), Change("modelcompiler_run_duration_seconds_count"));
        Assert.Equal(Change("modelcompiler_run_samples_count"), Change("modelcompiler_run_samples_bucket{le=\"+Inf\"}"));
        Assert.Equal(0, after["modelcompiler_queue_length"]);
        Assert.Equal("Healthy", await server.Client.GetStringAsync(new Uri("health", UriKind.Relative)));
    }

    [Theory]
    [InlineData(Side, Side, (Side * Side * 4) - 1, "56 x 56 pixels take 12544 bytes")]
    [InlineData(Side, Side, (Side * Side * 4) + 1, "56 x 56 pixels take 12544 bytes")]
    [InlineData(0, 5, 0, "A picture of 0 x 5 pixels")]
    [InlineData(int.MaxValue, int.MaxValue, 4, "each side may have 1 to 1024")]
    public async Task What_is_no_picture_is_refused(int width, int height, int bytes, string detail)
    {
        var answer = await Post(width, height, new byte[bytes]);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(detail, (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["detail"]!, StringComparison.Ordinal);
    }

    /// <summary>The metrics of the one predictor: a value by the name, and by <c>le</c> where there are buckets.</summary>
    private async Task<Dictionary<string, double>> Metrics()
    {
        string text = await server.Client.GetStringAsync(new Uri("metrics", UriKind.Relative));
        return text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').ToDictionary(
            line => line.Split(' ')[0].Replace("modelcompiler_predictor=\"DigitPredictor\"", "", StringComparison.Ordinal).Replace("{,", "{", StringComparison.Ordinal).Replace("{}", "", StringComparison.Ordinal),
            line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    private static Task<string> Digit(BrowserPage page) => page.Text("document.getElementById('digit').textContent");

    private static async Task Attach(BrowserPage page, string name)
    {
        byte[] picture = await page.Screenshot();
        await File.WriteAllBytesAsync(Path.Combine(AppContext.BaseDirectory, name), picture);
        TestContext.Current.AddAttachment(name, picture, "image/png");
    }

    private Task<HttpResponseMessage> Post(int width, int height, byte[] pixels) =>
        server.Client.PostAsync(new Uri($"predict?width={width}&height={height}", UriKind.Relative), new ByteArrayContent(pixels));

    /// <summary>One server for all tests of the class.</summary>
    public sealed class Server : IDisposable
    {
        private readonly WebServer _server = WebServer.Start(Sample, Path.Combine(DotNet.BuildFact("Bin"), "ImageServer", DotNet.BuildFact("Configuration"), "ImageServer.dll"));

        public Server() => Client = new HttpClient { BaseAddress = _server.Address };

        internal HttpClient Client { get; }

        public void Dispose()
        {
            Client.Dispose();
            _server.Dispose();
        }
    }
}
