using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// ONNX Runtime's quantizer for Python, in the Debian folder that build/peer.sh sets up. What it makes of a model and its samples is kept with what
/// that cost, so that a second run of the benchmark need not wait for it.
/// </summary>
internal sealed class PeerQuantizer
{
    /// <summary>What the names of its contestants begin with.</summary>
    public const string Prefix = "peer ";

    /// <summary>Written when all settings are done: <c>name cpu-seconds MiB</c> a line.</summary>
    private const string CostFile = "costs.txt";

    private readonly string _build;
    private readonly string _cache;

    private PeerQuantizer(string root) => (_build, _cache) = (Path.Combine(root, "build"), Path.Combine(root, "artifacts", "quantization", "peer"));

    /// <summary>The quantizer, or null where it has not been set up.</summary>
    public static PeerQuantizer? Find()
    {
        string root = PublicModels.RepositoryRoot;
        return File.Exists(Path.Combine(root, "artifacts", "peer", "ready")) ? new PeerQuantizer(root) : null;
    }

    /// <summary>The model by each of the quantizer's settings that succeeds.</summary>
    public IEnumerable<Contestant> Quantize(QuantizedModel model)
    {
        string folder = Path.Combine(_cache, Key(model)), costs = Path.Combine(folder, CostFile);
        if (!File.Exists(costs))
        {
            string lines = Run(model, Directory.CreateDirectory(folder).FullName);
            File.WriteAllText(costs, lines);
        }
        foreach (string line in File.ReadLines(costs))
        {
            if (line.Split(' ') is not [var name, var cpu, var memory]) continue;
            var cost = new CompilationCost(double.Parse(cpu, CultureInfo.InvariantCulture), double.Parse(memory, CultureInfo.InvariantCulture));
            yield return new Contestant(Prefix + name, Path.Combine(folder, name + ".onnx"), cost);
        }
    }

    private string Run(QuantizedModel model, string folder)
    {
        var start = new ProcessStartInfo("sh", [Path.Combine(_build, "peer.sh"), "quantize", model.Path, model.Calibration, folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string lines = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return lines;
    }

    /// <summary>A hash of everything that decides what it makes.</summary>
    private string Key(QuantizedModel model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in (string[])[model.Path, model.Calibration, Path.Combine(_build, "peer.sh"), Path.Combine(_build, "peer_quantize.py")])
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
