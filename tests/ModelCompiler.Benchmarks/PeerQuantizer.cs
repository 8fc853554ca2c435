using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks;

/// <summary>ONNX Runtime's quantizer for Python, in the Debian folder that build/peer.sh sets up.</summary>
internal sealed class PeerQuantizer
{
    private readonly string _script;

    private PeerQuantizer(string script) => _script = script;

    /// <summary>The quantizer, or null where it has not been set up.</summary>
    public static PeerQuantizer? Find()
    {
        string root = PublicModels.RepositoryRoot;
        return Directory.Exists(Path.Combine(root, "artifacts", "peer", "root", "proc")) ? new PeerQuantizer(Path.Combine(root, "build", "peer.sh")) : null;
    }

    /// <summary>The model by each of the quantizer's settings that succeeds: <c>name cpu-seconds MiB</c> a line.</summary>
    public IEnumerable<Contestant> Quantize(QuantizedModel model)
    {
        var start = new ProcessStartInfo("sh", [_script, "quantize", model.Path, model.Calibration]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        foreach (string line in lines)
        {
            if (line.Split(' ') is not [var name, var cpu, var memory]) continue;
            var cost = new CompilationCost(double.Parse(cpu, CultureInfo.InvariantCulture), double.Parse(memory, CultureInfo.InvariantCulture));
            yield return new Contestant("peer " + name, Path.ChangeExtension(model.Path, $".peer-{name}.onnx"), cost);
        }
    }
}
